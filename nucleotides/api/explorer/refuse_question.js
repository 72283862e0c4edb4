// Why what somebody typed is no question, and how it would be one.

const PLACE = "([A-Za-z0-9_.*|-]+?)[: -] ?(\\d+)";
const ALLELE = "([ACGTN.,*-]*|<[^>]*>)";
const TYPED = new RegExp(`^${PLACE}[: ]?${ALLELE} ?[>/:] ?((?:[ACGTN.,*-]|<[^>]*>)*)$`, "i");
const APART = new RegExp(`^${PLACE} ([ACGTN*-]+) ([ACGTN.,*-]+)$`, "i");
const RECORD = /^(\S+) (\d+) \S+ ([ACGTN.*-]+) ((?:[ACGTN.,*-]|<[^>]*>)+)(?: .*)?$/i;
const RANGE = /^\S+?[: ] ?[\d ]+(?: ?- ?|\.\.| )[\d ]*\d [ACGTN*-]+ ?[>/ ] ?[ACGTN,*-]+$/i;

export const TWO_POSITIONS = "Two positions before the alleles: a variant has one, that of REF's first base, without blanks, as in chr20:1104061 T>C.";

// `plain`: its lines without comments, with one kind of blank, dash and arrow.
export function whyNot(text, lines, plain) {
  return whyAlleles(plain) || whyNumbers(plain) || whyLetters(text) || whyMany(lines) || (/^rs\d+$/i.test(text)
    ? "Names such as rs123 are not known here: give the position and both alleles."
    : "Not understood. Write a variant as chr20:1104061 T>C or as a line of a VCF, a region as "
      + "chr20:1103561-1104561, a position as chr20:1104061, or paste a sequence of A C G T N.");
}

function whyAlleles(plain) {
  const [, chrom, pos, ref, alt] = TYPED.exec(plain) ?? APART.exec(plain) ?? RECORD.exec(plain) ?? [];
  if (chrom === undefined) return "";
  const asked = alt.split(",").filter((one) => /^[ACGTN]+$/i.test(one)).slice(0, 3);
  if (alt.includes(",") && asked.length) {
    return `One ALT at a time is taken; here are ${alt.split(",").length}. Ask about ${asked.map((one) => `${chrom}:${pos} ${ref}>${one}`).join(", or about ")}.`;
  }
  if (`${ref}${alt}`.includes("*")) return "The allele * says that a deletion further up covers this base: ask about that deletion, as its own line of the VCF has it.";
  if (`${ref}${alt}`.includes("<")) return `${ref.startsWith("<") ? ref : alt} names no bases: write REF and ALT as letters A C G T N.`;
  if (ref && alt && !/[.-]/.test(`${ref}${alt}`)) return "";
  return "An allele has a base at least. As in a VCF, write what is deleted or inserted with the base before it: with A before, AT>A deletes T, A>AT inserts T.";
}

function whyNumbers(plain) {
  if (RANGE.test(plain)) return TWO_POSITIONS;
  return /^\S+?[: ] ?\d[\d -]* [\d -]*$/.test(plain) ? "These numbers can be read in more than one way: write them without blanks, as in chr20:1103561-1104561 or chr20:1104061." : "";
}

function whyLetters(text) {
  const letters = text.replace(/^>.*$/m, "").replace(/\s/g, "");
  const odd = /[^ACGTN]/i.exec(letters);
  const isSequence = letters.length > 60 && letters.replace(/[^ACGTN]/gi, "").length > letters.length / 2;
  return isSequence && odd ? `Character ${odd[0]} at base ${(odd.index + 1).toLocaleString("en")} is none of A C G T N.` : "";
}

const whyMany = (lines) => (lines > 1 ? `One question at a time: here are ${lines.toLocaleString("en")} lines.` : "");
