// A place in a journal as the log names it. A journal that goes on behind a power loss has another name, id+entry.term: the
// entry with which the name begins, and the term of the ingest that gave it. What an earlier name held from that entry on
// counts no more.

export interface JournalPlace {
  readonly journal: string;
  readonly entry: number;
}

/** The name of a journal that goes on at an entry, though the log holds others under its numbers. */
export function branchName(journalId: string, begins: number, term: number): string {
  return `${journalId}+${begins}.${term}`;
}

/** The journal, the entry with which this name of it begins, and its place among the names. */
export function branchOf(name: string): { readonly id: string; readonly begins: number; readonly order: number } {
  const [, id, begins, term] = /^(.+)\+(\d{1,15})\.(\d{1,15})$/.exec(name) ?? [];
  return id === undefined ? { id: name, begins: 0, order: -1 } : { id, begins: Number(begins), order: Number(term) };
}

/** Whether both are of one journal, and the first was written before the other. */
export function isInFrontOf(one: JournalPlace, other: JournalPlace): boolean {
  const [a, b] = [branchOf(one.journal), branchOf(other.journal)];
  if (a.id !== b.id) return false;
  return a.order < b.order || (a.order === b.order && one.entry < other.entry);
}
