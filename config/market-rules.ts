// Market rules as data: what may be traded how. Used by quality checks and by the simulated market alike.

/** ETFs, ETNs and ELWs have ticks of their own. */
export type SecurityKind = 'stock' | 'etf' | 'etn' | 'elw';
