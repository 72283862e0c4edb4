// Numbers as people read them.

export const whole = (value) => value.toLocaleString("en");

export const count = (n, noun) => `${whole(n)} ${noun}${n === 1 ? "" : "s"}`;

// Three digits that count; a probability is never rounded to 0 or 1 that is neither.
export function probability(value) {
  if (value === null || value === undefined) return "–";
  if (value > 0 && value < 0.0001) return "<0.0001";
  if (value < 1 && value > 0.9999) return ">0.9999";
  return value < 0.01 ? value.toPrecision(2) : value.toFixed(3);
}

export function signed(value, digits = 3) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  const text = size > 0 && size < 0.5 * 10 ** -digits ? size.toExponential(1) : size.toFixed(digits);
  return (value < 0 ? "−" : "+") + text;
}

// The part of the genome that scores as high or higher, in words; of two, from the one to the other.
export function top(tail, after = null) {
  if (tail === null || tail === undefined) return "";
  return `top ${percent(tail)}${after === null ? "" : ` →\u00a0${percent(after)}`}\u00a0%`;
}

function percent(part) {
  const value = part * 100;
  if (value < 0.01) return "<0.01";
  return value < 9.95 ? value.toPrecision(2) : value.toFixed(0);
}

// The least of 1, 2, 3, 4, 5, 6, 8, 10 times a power of ten that is not below a value.
export function ceiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= value * 0.9999);
}

// A step of 1, 2 or 5 times a power of ten that divides a span into `most` parts or fewer.
export function step(span, most) {
  const rough = Math.max(span / most, 1e-12);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((part) => part * power).find((part) => part >= rough * 0.9999);
}
