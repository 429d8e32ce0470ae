// Which errors are of the surroundings: of those a command tells the message, of all others the stack.

/** Errors of the surroundings, which a message explains better than a stack; all others are ours and keep theirs. */
const OPERATIONAL = new Set([
  'AnchorError',
  'ArtifactError',
  'ContentError',
  'DatasetError',
  'FolderLocked',
  'JournalDamaged',
  'JournalUnavailable',
  'ListenError',
  'QualityReportError',
  'ReplayError',
  'SelectionError',
  'SubscriptionError',
  'CompressionUnavailable',
  'StartError',
  'VerifyError',
  'LogError',
]);

export function isOperational(error: unknown): error is Error {
  // Of the system's own errors (no such file, port in use) the message says all.
  return error instanceof Error && (OPERATIONAL.has(error.name) || 'syscall' in error);
}
