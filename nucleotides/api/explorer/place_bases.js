// Bases and pixels.

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
