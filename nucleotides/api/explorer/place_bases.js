// Bases and pixels.

export const LEAST = 20; // bases seen, but of an insertion
const NARROW = 330; // pixels of a phone
const WIDE_ENOUGH = 9; // pixels of a letter

// How few bases are looked at: so few that letters of an insertion, which share REF's width, can be read.
export function leastOf({ reads, marked }) {
  if (reads.length < 2) return LEAST;
  const inserted = reads[1].place(marked[0] - reads[1].place(0)[0])[1];
  return Math.min(LEAST, (NARROW / WIDE_ENOUGH) * inserted);
}

export function setSize(svg, width, height) {
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("height", height);
}

export function across([from, to], seen, width) {
  const x = (at) => ((at - seen.from) / (seen.to - seen.from)) * width;
  return { x: x(from), width: Math.max(1, x(to) - x(from)) };
}

export function indexOf({ sequence, place }, at) {
  for (let i = 0; i < sequence.length; i += 1) {
    const [from, wide] = place(i);
    if (at >= from && at < from + wide) return i;
  }
  return -1;
}
