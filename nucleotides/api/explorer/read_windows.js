// The bases that a question is about, as the model reads them: those that explanations are of.

import { post } from "./ask.js";

// {chrom, low, high, reads: [{name, sequence, turned, place(i) -> [position, width]}], marked: [from, to], first};
// positions are 0-based, on the forward strand; chrom is null for a sequence alone; `first` is what
// people count from: 1 about a variant.
export async function readWindows(question, length, signal) {
  const { kind, body } = question;
  if (kind === "sequence") {
    const { sequence } = body;
    return { chrom: null, low: 0, high: sequence.length, reads: [straight("", sequence, 0)], marked: null, first: 0 };
  }
  if (kind === "variant") return ofVariant(body, length, signal);
  const [low, high] = spread(body.start, body.end, length);
  const sequence = await fetchBases(body.chrom, low, high, signal);
  const read = straight("", sequence, low);
  read.turned = body.strand === "-";
  return { chrom: body.chrom, low, high, reads: [read], marked: high - low > body.end - body.start ? [body.start, body.end] : null, first: 0 };
}

// A region shorter than the window is read as the window about its middle.
function spread(start, end, length) {
  if (end - start > length) return [start, end];
  const low = Math.floor((start + end) / 2) - Math.floor(length / 2);
  return [low, low + length];
}

async function ofVariant({ chrom, pos, ref, alt }, length, signal) {
  const start = pos - 1;
  const low = start + Math.floor(ref.length / 2) - Math.floor(length / 2);
  const bases = await fetchBases(chrom, low, low + length + ref.length, signal);
  const before = bases.slice(0, start - low);
  const changed = (before + alt + bases.slice(start - low + ref.length)).slice(0, length);
  return {
    chrom, low, high: low + length, marked: [start, start + ref.length], first: 1,
    reads: [straight("REF", bases.slice(0, length), low), aligned(changed, low, start, ref.length, alt.length)],
  };
}

const straight = (name, sequence, low) => ({ name, sequence, turned: false, place: (i) => [low + i, 1] });

// The alternate's bases beside those of the reference: what is inserted shares REF's width, and what
// follows stands below its own position.
function aligned(sequence, low, start, ref, alt) {
  const wide = alt > ref ? ref / alt : 1;
  const place = (i) => {
    const at = low + i - start;
    if (at < 0) return [low + i, 1];
    return at < alt ? [start + at * wide, wide] : [low + i - alt + ref, 1];
  };
  return { name: "ALT", sequence, turned: false, place };
}

// Before a contig's first base and behind its last there is N, as the model reads it.
async function fetchBases(chrom, low, high, signal) {
  const { sequence } = await post("sequence", { chrom, start: Math.max(0, low), end: high, pad: true }, signal);
  return "N".repeat(Math.max(0, -low)) + sequence;
}

const PARTNER = { A: "T", C: "G", G: "C", T: "A", N: "N" };

export const turnAround = (sequence) => Array.from(sequence, (base) => PARTNER[base]).reverse().join("");
