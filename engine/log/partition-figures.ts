// What a partition's worker counts; read by status and metrics.
export interface PartitionFigures {
  appliedEntries: number;
  /** Shares that had come before; of an ingest that a later one has replaced; in front of the first start entry. */
  doubled: number;
  late: number;
  skipped: number;
  /** Records of an unknown type, or damaged. */
  quarantined: number;
  /** Times at which entries were missing between two shares. */
  holes: number;
  published: number;
  appendFailures: number;
  snapshots: number;
  failedSnapshots: number;
}

export function newPartitionFigures(): PartitionFigures {
  return {
    appliedEntries: 0,
    doubled: 0,
    late: 0,
    skipped: 0,
    quarantined: 0,
    holes: 0,
    published: 0,
    appendFailures: 0,
    snapshots: 0,
    failedSnapshots: 0,
  };
}
