// A part of a line of bases that can be moved and zoomed: by mouse, wheel, fingers and keys.

const STEP = 0.25;
const CLOSER = 0.6;

export class Viewport {
  // Bases from `low` up to `high`; never fewer than `least` of them are seen.
  constructor(low, high, least, changed) {
    Object.assign(this, { low, high, least: Math.min(least, high - low), changed, from: low, to: high });
  }

  get span() {
    return this.to - this.from;
  }

  see(from, to, quietly = false) {
    const span = Math.max(this.least, Math.min(to - from, this.high - this.low));
    const middle = (from + to) / 2;
    const start = Math.max(this.low, Math.min(middle - span / 2, this.high - span));
    [this.from, this.to] = [start, start + span];
    if (!quietly) this.changed();
  }

  move(bases) {
    this.see(this.from + bases, this.to + bases);
  }

  // `at`: the base that stays where it is.
  zoom(factor, at = (this.from + this.to) / 2) {
    const span = Math.max(this.least, Math.min(this.span * factor, this.high - this.low));
    const from = at - ((at - this.from) * span) / this.span;
    this.see(from, from + span);
  }

  whole() {
    this.see(this.low, this.high);
  }

  // Keys and pointers of an element as wide as the part that is seen.
  listen(element) {
    const points = new Map();
    const base = (event) => {
      const box = element.getBoundingClientRect();
      return this.from + ((event.clientX - box.left) / box.width) * this.span;
    };
    const perPixel = () => this.span / element.getBoundingClientRect().width;
    element.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      points.set(event.pointerId, event.clientX);
    });
    element.addEventListener("pointermove", (event) => {
      if (!points.has(event.pointerId)) return;
      const before = [...points.values()];
      const moved = event.clientX - points.get(event.pointerId);
      if (points.size === 1 && Math.abs(moved) < 3 && !element.hasPointerCapture(event.pointerId)) return;
      element.setPointerCapture(event.pointerId);
      points.set(event.pointerId, event.clientX);
      const after = [...points.values()];
      if (points.size === 1) this.move(-moved * perPixel());
      else this.pinch(before, after, element);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      element.addEventListener(end, (event) => points.delete(event.pointerId));
    }
    element.addEventListener("wheel", (event) => {
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      const zooms = event.ctrlKey || event.metaKey || document.activeElement === element;
      if (!sideways && !zooms) return; // the page scrolls
      event.preventDefault();
      if (sideways) this.move((event.deltaX || event.deltaY) * perPixel());
      else this.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 200), base(event));
    }, { passive: false });
    element.addEventListener("keydown", (event) => {
      const act = {
        ArrowLeft: () => this.move(-STEP * this.span),
        ArrowRight: () => this.move(STEP * this.span),
        "+": () => this.zoom(CLOSER), "=": () => this.zoom(CLOSER), "-": () => this.zoom(1 / CLOSER),
        Home: () => this.see(this.low, this.low + this.span),
        End: () => this.see(this.high - this.span, this.high),
        0: () => this.whole(),
      }[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
  }

  pinch(before, after, element) {
    const apart = (xs) => Math.abs(xs[0] - xs[1]) || 1;
    const box = element.getBoundingClientRect();
    const middle = this.from + (((after[0] + after[1]) / 2 - box.left) / box.width) * this.span;
    this.zoom(apart(before) / apart(after), middle);
  }
}

// Buttons that do what the keys do.
export const MOVES = [
  ["←", "Go left", (view) => view.move(-STEP * view.span)],
  ["→", "Go right", (view) => view.move(STEP * view.span)],
  ["−", "See more", (view) => view.zoom(1 / CLOSER)],
  ["+", "Look closer", (view) => view.zoom(CLOSER)],
  ["All", "See all of it", (view) => view.whole()],
];
