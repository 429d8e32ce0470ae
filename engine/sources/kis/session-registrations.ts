// What one session is to have registered, over all its connections: each connection begins anew with a registrar of its
// own; what KIS taught about its limit stays.
import type { SessionInput } from '../../input.ts';
import { type CodeKind, codeKind } from './codes.ts';
import type { Answer } from './message.ts';
import { Registrar, type RegistrationEvent } from './registrar.ts';
import { type KisRegistration, registrationName, visibleKey } from './registration.ts';
import type { KisSessionOptions } from './session-options.ts';
import { STEADY_TR_IDS } from './tr-ids.ts';

export interface SessionRegistrationsOptions {
  readonly session: KisSessionOptions;
  readonly enter: (event: RegistrationEvent, detail: Pick<SessionInput, 'trId' | 'trKey' | 'code'>) => void;
  /** It is open, and there is nothing to register. */
  readonly onIdle: () => void;
  /** KIS has answered a registration. */
  readonly onAnswered: () => void;
  /** The fate of all that is assigned is known, for the first time in this connection. */
  readonly onSettled: () => void;
}

export class SessionRegistrations {
  /** What KIS allows, or fewer where it took fewer. */
  registrationsMax: number;

  private readonly options: SessionRegistrationsOptions;
  private assigned: readonly KisRegistration[] = [];
  private registrar: Registrar | undefined;
  private settled = false;
  /** Names of what KIS rejected in this connection; the allocation may have taken them away by the time all is settled. */
  private readonly rejected = new Set<string>();

  constructor(options: SessionRegistrationsOptions) {
    this.options = options;
    this.registrationsMax = options.session.registrationsMax;
  }

  get counts() {
    return {
      assigned: this.assigned.length,
      registered: this.registrar?.active ?? 0,
      unconfirmed: this.registrar?.unconfirmed ?? 0,
      registrationsMax: this.registrationsMax,
    };
  }

  /** All is confirmed, and some of it delivers all day long. */
  get expectsData(): boolean {
    const { registered, unconfirmed } = this.counts;
    return registered > 0 && unconfirmed === 0 && this.assigned.some(({ trId }) => STEADY_TR_IDS.has(trId));
  }

  /** What the session is to have registered, most important first; at most `registrationsMax`. */
  assign(registrations: readonly KisRegistration[]): void {
    this.assigned = registrations;
    this.registrar?.assign(registrations);
    if (this.registrar?.running && this.registrar.held === 0 && registrations.length === 0) this.options.onIdle();
  }

  /** Names of what KIS may count in this session. */
  heldNames(): Iterable<string> {
    return this.registrar?.heldNames() ?? [];
  }

  /** Why KIS has not taken it in this connection; undefined where it has, or may. */
  refusal(registration: KisRegistration): string | undefined {
    return this.registrar?.refusal(registration);
  }

  /** A connection is open. */
  begin(approvalKey: string, send: (text: string) => void): void {
    const { session } = this.options;
    this.settled = false;
    this.rejected.clear();
    this.registrar = new Registrar({
      ...session,
      registrationsMax: this.registrationsMax,
      timeoutMs: session.registrationTimeoutMs,
      attemptsMax: session.registrationAttemptsMax,
      send: ({ trId, trKey }, request) => {
        const header = {
          approval_key: approvalKey,
          custtype: session.customerType,
          tr_type: request === 'register' ? '1' : '2',
          'content-type': 'utf-8',
        };
        send(JSON.stringify({ header, body: { input: { tr_id: trId, tr_key: trKey } } }));
      },
      onEvent: (event, registration, code) => this.tell(event, registration, code),
    });
    this.registrar.start();
    this.assign(this.assigned);
    this.settle();
  }

  /** The connection is being closed: until it is, KIS may still count what it has. */
  stop(): void {
    this.registrar?.stop();
  }

  end(): void {
    this.stop();
    this.registrar = undefined;
  }

  answer(answer: Answer, kind: CodeKind): void {
    if (this.registrar === undefined) return;
    this.registrar.answer(answer, kind);
    if (kind !== 'stop_adding') return;
    this.registrationsMax = Math.min(this.registrationsMax, Math.max(1, this.registrar.held));
    this.options.session.events.changed();
  }

  private tell(event: RegistrationEvent, registration: KisRegistration, code: string): void {
    const { session, enter, onAnswered } = this.options;
    const { trId } = registration;
    const trKey = visibleKey(registration);
    enter(event, trKey === '' ? { trId, code } : { trId, trKey, code });
    if (code !== 'timeout') onAnswered();
    if (event === 'rejected') {
      this.rejected.add(registrationName(registration));
      session.logger.warn({ session: session.session, trId, trKey, code }, 'KIS registration left out');
      if (codeKind(code, '9') === 'leave_out') session.events.refused(registration, code);
    }
    this.settle();
    // One more that is as it should be changes nothing for the others.
    if (event !== 'registered') session.events.changed();
  }

  private settle(): void {
    const { registered, unconfirmed } = this.counts;
    if (this.settled || unconfirmed > 0) return;
    this.settled = true;
    const { session, onSettled } = this.options;
    const { logger } = session;
    const figures = { session: session.session, registered, leftOut: this.rejected.size };
    if (registered === 0) logger.warn(figures, 'no registration was confirmed: no data will come');
    else logger.info(figures, 'KIS registrations confirmed');
    onSettled();
  }
}
