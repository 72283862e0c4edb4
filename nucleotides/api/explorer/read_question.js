// What somebody typed or pasted, as what the API is asked.
//
// Regions and positions count from 0, half-open (BED); variants from 1 (VCF).

import { count } from "./numbers.js";

const BASES = /^[ACGTN]+$/i;
const CONTIG = "([A-Za-z0-9_.*|-]+?)";
const ALLELES = "([ACGTN]+)\\s*[>/:\\-\\s]\\s*([ACGTN]+)";
const WAYS = [
  [new RegExp(`^${CONTIG}[:\\s-]\\s*(\\d+)[:\\s-]*${ALLELES}$`, "i"), asVariant],
  [new RegExp(`^${CONTIG}\\s+(\\d+)\\s+(\\S+)\\s+([ACGTN]+)\\s+([ACGTN]+)(?:\\s.*)?$`, "i"), asRecord],
  [new RegExp(`^${CONTIG}(?::|\\s+)(\\d+)(?:\\s*-\\s*|\\.\\.|\\s+)(\\d+)(?:\\s.*?)?\\s*\\(?([+-]?)\\)?$`), asRegion],
  [new RegExp(`^${CONTIG}(?::|\\s+)(\\d+)\\s*\\(?([+-]?)\\)?$`), asPosition],
];

// {kind, body, label}, or an Error that says what would have been understood.
export function readQuestion(text) {
  const trimmed = text.trim();
  if (!trimmed) throw new Error("Type or paste something first.");
  const sequence = asSequence(trimmed);
  if (sequence) return sequence;
  const plain = trimmed.replace(/(?<=\d),(?=\d{3})/g, "").replace(/\s+/g, " ");
  for (const [pattern, make] of WAYS) {
    const parts = pattern.exec(plain);
    if (parts) return make(...parts.slice(1));
  }
  throw new Error(whyNot(trimmed));
}

function whyNot(text) {
  const letters = text.replace(/^>.*$/m, "").replace(/\s/g, "");
  const odd = /[^ACGTN]/i.exec(letters);
  if (letters.length > 60 && odd) {
    return `Character ${odd[0]} at base ${(odd.index + 1).toLocaleString("en")} is none of A C G T N.`;
  }
  if (/^rs\d+$/i.test(text)) return "Names such as rs123 are not known here: give the position and both alleles.";
  return "Not understood. Write a variant as chr20:1104061 T>C or as a line of a VCF, a region as "
    + "chr20:1103561-1104561, a position as chr20:1104061, or paste a sequence of A C G T N.";
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
  const body = { chrom, pos: Number(pos), ref: ref.toUpperCase(), alt: alt.toUpperCase() };
  if (!body.pos) throw new Error("A variant's position counts from 1, as in a VCF.");
  return { kind: "variant", label: `${chrom}:${body.pos.toLocaleString("en")} ${shorten(body.ref)}>${shorten(body.alt)}`, body };
}

export const shorten = (allele) => (allele.length > 12 ? `${allele.slice(0, 9)}… (${allele.length})` : allele);

function asRecord(chrom, pos, id, ref, alt) {
  const made = asVariant(chrom, pos, ref, alt);
  if (id !== ".") Object.assign(made, { body: { ...made.body, id }, label: `${made.label} (${id})` });
  return made;
}

function asRegion(chrom, start, end, sign) {
  const body = { chrom, start: Number(start), end: Number(end), strand: sign || "+" };
  if (body.end <= body.start) throw new Error("A region ends behind its start: chr20:1103561-1104561.");
  return { kind: "region", label: placed(body), body };
}

function asPosition(chrom, position, sign) {
  const at = Number(position);
  const body = { chrom, start: at, end: at + 1, strand: sign || "+" };
  return { kind: "region", label: `${chrom}:${at.toLocaleString("en")}${sign === "-" ? " (−)" : ""}`, body };
}

function placed({ chrom, start, end, strand }) {
  const [from, to] = [start, end].map((at) => at.toLocaleString("en"));
  return `${chrom}:${from}-${to}${strand === "-" ? " (−)" : ""}`;
}
