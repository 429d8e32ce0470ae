// Which registrations a client leaves out, and why: what it may not send at all, what lies beyond the limit, and what
// KIS refused. A refusal for good outlives the session, so that nothing is asked twice that KIS will never grant.

import type { KisRegistration, LeftOutRegistration } from './source-options.ts';
import { NOTICE_TR_IDS } from './tr-ids.ts';

export interface RegistrationPlanOptions {
  readonly registrations: readonly KisRegistration[];
  readonly trIdsAllowed: ReadonlySet<string> | undefined;
  readonly registrationsMax: number;
}

/** The key of a registration as others may see it: an HTS id is personal. */
export function visibleKey(registration: KisRegistration): string {
  return NOTICE_TR_IDS.has(registration.trId) ? '' : registration.trKey;
}

export class RegistrationPlan {
  private readonly options: RegistrationPlanOptions;
  private registrationsMax: number;
  /** For good. */
  private readonly refused = new Map<KisRegistration, string>();
  /** In this session. */
  private readonly missing = new Map<KisRegistration, string>();

  constructor(options: RegistrationPlanOptions) {
    this.options = options;
    this.registrationsMax = options.registrationsMax;
    const seen = new Set<string>();
    for (const registration of options.registrations) {
      const name = `${registration.trId}|${registration.trKey}`;
      if (seen.has(name)) this.refused.set(registration, 'duplicate');
      else if (options.trIdsAllowed?.has(registration.trId) === false) this.refused.set(registration, 'tr_not_allowed');
      seen.add(name);
    }
  }

  /** What a new session registers; what exceeds the limit is left out from the end. */
  begin(): readonly KisRegistration[] {
    this.missing.clear();
    const wanted = this.options.registrations.filter((registration) => !this.refused.has(registration));
    for (const registration of wanted.slice(this.registrationsMax)) this.missing.set(registration, 'registrations_max');
    return wanted.slice(0, this.registrationsMax);
  }

  refuse(registration: KisRegistration, reason: string): void {
    this.refused.set(registration, reason);
  }

  miss(registration: KisRegistration, reason: string): void {
    this.missing.set(registration, reason);
  }

  /** KIS took fewer than the limit says: later sessions ask for no more than it took, but for one at least. */
  limitTo(registrationsMax: number): void {
    this.registrationsMax = Math.min(this.registrationsMax, Math.max(1, registrationsMax));
  }

  /** Left out now, in the order given. */
  leftOut(): LeftOutRegistration[] {
    return this.options.registrations.flatMap((registration) => {
      const reason = this.refused.get(registration) ?? this.missing.get(registration);
      return reason === undefined ? [] : [{ trId: registration.trId, trKey: visibleKey(registration), reason }];
    });
  }
}
