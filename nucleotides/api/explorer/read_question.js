// What somebody typed or pasted, as what the API is asked.
//
// Regions and positions count from 0, half-open (BED); variants from 1 (VCF).

import { count } from "./numbers.js";
import { whyNot, TWO_POSITIONS } from "./refuse_question.js";

const BASES = /^[ACGTN]+$/i;
const CONTIG = "([A-Za-z0-9_.*|-]+?)";
const ALLELES = "([ACGTN]+) ?[>/: -] ?([ACGTN]+)";
const NUMBER = "(\\d{1,3}(?: \\d{3})+|\\d+)";
const SIGN = " ?\\(?([+-]?)\\)?";
const FARTHEST = 1e12; // the API takes no higher position
const WAYS = [
  [new RegExp(`^${CONTIG}[: -] ?(\\d+)[: -]*${ALLELES}$`, "i"), asVariant],
  [new RegExp(`^${CONTIG} (\\d+) (\\S+) ([ACGTN]+) ([ACGTN]+)(?: [\\d.].*)?$`, "i"), asRecord],
  [new RegExp(`^${CONTIG}: ?${NUMBER} ?(?:-|\\.\\.) ?${NUMBER}${SIGN}$`), asRegion],
  [new RegExp(`^${CONTIG} (\\d+)(?: ?- ?|\\.\\.| )(\\d+)((?: .*)?)$`), asInterval],
  [new RegExp(`^${CONTIG}[: ] ?(\\d+)${SIGN}$`), asPosition],
];

// {kind, body, label}, or an Error that says what would have been understood.
export function readQuestion(text) {
  const trimmed = text.trim();
  if (!trimmed) throw new Error("Type or paste something first.");
  const sequence = asSequence(trimmed);
  if (sequence) return sequence;
  const lines = trimmed.split("\n").filter((line) => line.trim() && !line.startsWith("#"));
  const plain = plainly(lines.join("\n"));
  for (const [pattern, make] of lines.length === 1 ? WAYS : []) {
    const parts = pattern.exec(plain);
    const made = parts && make(...parts.slice(1));
    if (made) return made;
  }
  throw new Error(whyNot(trimmed, lines.length, plain));
}

// One kind of dash, arrow and blank; no commas in numbers, and no blanks in those of seven digits or more behind a colon.
function plainly(text) {
  return text.trim().replace(/[\u2010-\u2015\u2212]/g, "-").replace(/→|->/g, ">").replace(/\s+/g, " ")
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, "")
    .replace(/(?<=: ?)\d{1,3}(?: \d{3}){2,}(?!\d)/, (digits) => digits.replaceAll(" ", ""));
}

// Letters alone, in any number of lines, or one record of a FASTA.
function asSequence(text) {
  const [, name, rest] = /^>([^\n]*)\n([^]*)$/.exec(text) ?? [null, "", text];
  if (rest.includes(">") && name) throw new Error("One sequence at a time: this is a FASTA of several.");
  const sequence = rest.replace(/\s/g, "").toUpperCase();
  if (!BASES.test(sequence)) return null;
  const label = name.trim() || `sequence of ${count(sequence.length, "base")}`;
  return { kind: "sequence", label, body: { sequence } };
}

function asVariant(chrom, pos, ref, alt) {
  const body = { chrom, pos: placeOf(pos), ref: ref.toUpperCase(), alt: alt.toUpperCase() };
  if (!body.pos) throw new Error("A variant's position counts from 1, as in a VCF.");
  return { kind: "variant", label: `${chrom}:${body.pos.toLocaleString("en")} ${shorten(body.ref)}>${shorten(body.alt)}`, body };
}

export const shorten = (allele) => (allele.length > 12 ? `${allele.slice(0, 9)}… (${allele.length})` : allele);

// A line of a VCF; or of ANNOVAR's, whose third column is the last base of REF.
function asRecord(chrom, pos, id, ref, alt) {
  const made = asVariant(chrom, pos, ref, alt);
  if (/^\d+$/.test(id)) {
    if (placeOf(id) !== made.body.pos + ref.length - 1) throw new Error(TWO_POSITIONS);
  } else if (id !== ".") Object.assign(made, { body: { ...made.body, id }, label: `${made.label} (${id})` });
  return made;
}

function asRegion(chrom, start, end, sign) {
  const body = { chrom, start: placeOf(start), end: placeOf(end), strand: sign || "+" };
  if (body.end <= body.start) throw new Error("A region ends behind its start: chr20:1103561-1104561.");
  return { kind: "region", label: placed(body), body };
}

// A line of a BED; not where what follows are alleles, or the rest of numbers with blanks in them.
function asInterval(chrom, start, end, more) {
  if (/^ [ACGTN-]+(?: ?[>/] ?| )[ACGTN*,-]+$/i.test(more)) throw new Error(TWO_POSITIONS);
  if (/^\d{1,3} \d{3} \d{3}$/.test(`${start} ${end}${more.slice(0, 4)}`)) return null;
  const [sign = "+"] = more.match(/(?<= \(?)[+-](?=\)?(?: |$))/g)?.slice(-1) ?? [];
  return asRegion(chrom, start, end, sign);
}

function asPosition(chrom, position, sign) {
  const at = placeOf(position);
  const body = { chrom, start: at, end: at + 1, strand: sign || "+" };
  return { kind: "region", label: `${chrom}:${at.toLocaleString("en")}${sign === "-" ? " (−)" : ""}`, body };
}

function placeOf(digits) {
  const place = Number(digits.replaceAll(" ", ""));
  if (place > FARTHEST) throw new Error(`No contig reaches as far as ${digits}.`);
  return place;
}

function placed({ chrom, start, end, strand }) {
  const [from, to] = [start, end].map((at) => at.toLocaleString("en"));
  return `${chrom}:${from}-${to}${strand === "-" ? " (−)" : ""}`;
}
