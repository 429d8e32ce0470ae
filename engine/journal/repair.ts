// Puts a journal folder right before it is written again: what was being written when the last run ended is taken away,
// what stands in front of it stays. Damage that no end of a run explains is refused, not repaired.
import { closeSync, ftruncateSync, openSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { HEADER_BYTES, JournalDamaged } from './format.ts';
import { isCompressionPart, otherForms } from './segment-names.ts';
import { findEntryBehind, isTornHeader, listSegments, SegmentReader } from './segments.ts';

/** @throws JournalDamaged where entries in front of good ones are damaged in the last segment */
export function repairFolder(folder: string, log: Logger): void {
  removeUnfinishedCompressions(folder, log);
  cutTornTail(folder, log);
}

/** Where a segment stands in two forms, its compression was cut off before the end: the one that was written counts. */
function removeUnfinishedCompressions(folder: string, log: Logger): void {
  const parts = readdirSync(folder).filter(isCompressionPart);
  const twins = listSegments(folder).flatMap(({ path }) => otherForms(path));
  for (const path of [...parts.map((name) => join(folder, name)), ...twins]) {
    rmSync(path, { force: true });
  }
  if (parts.length > 0) log.info({ parts: parts.length }, 'unfinished compression of journal segments removed');
}

function cutTornTail(folder: string, log: Logger): void {
  const last = listSegments(folder).at(-1);
  if (last === undefined) return;
  if (isTornHeader(last)) {
    unlinkSync(last.path);
    log.warn({ segment: last.path, bytes: last.bytes }, 'torn segment header removed');
    return;
  }
  const reader = new SegmentReader(last.path);
  let isEmpty = true;
  for (const { entry } of reader.entries()) if (!entry.hasMore) isEmpty = false;
  // A seal is written with the batch behind it: without that it was cut off, and says nothing. Of a batch that is not
  // whole nothing was applied, so none of its entries may count as an input.
  const end = isEmpty ? HEADER_BYTES : reader.wholePosition;
  if (reader.complete && end === reader.endPosition) return;
  const behind = reader.complete ? -1 : findEntryBehind(last.path, reader.endPosition);
  if (behind !== -1) {
    throw new JournalDamaged(
      last.path,
      reader.endPosition,
      `entry does not match its checksum, good ones follow at byte ${behind}`,
    );
  }
  const fd = openSync(last.path, 'r+');
  ftruncateSync(fd, end);
  closeSync(fd);
  log.warn({ segment: last.path, cutBytes: last.bytes - end }, 'torn tail cut from the journal');
}
