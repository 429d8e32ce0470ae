// Every WebSocket code of KIS (`body.msg_cd`) and what the client does about it: the one place that decides. The kind
// says what follows; how long to wait and how often to retry are the client's options.

export type CodeKind =
  /** The registration delivers data. */
  | 'active'
  /** The registration has ended, as asked. */
  | 'ended'
  /** Nothing follows. */
  | 'ignore'
  /** KIS failed to register just now: the same registration again, later, a bounded number of times. */
  | 'retry'
  /** The session is full: no further registration in it. */
  | 'stop_adding'
  /** This registration will never be accepted: leave it out for good. */
  | 'leave_out'
  /** The approval key has expired or is unknown: fetch a new one and connect again. */
  | 'new_approval_key'
  /** Another session holds the app key: close, and come back after a long pause. */
  | 'wait'
  /** The credentials or the requests themselves are wrong: stop, for repeating them gets an app key blocked. */
  | 'fatal';

export const CODE_KINDS: Readonly<Record<string, CodeKind>> = {
  OPSP0000: 'active', // SUBSCRIBE SUCCESS
  OPSP0001: 'ended', // UNSUBSCRIBE SUCCESS
  OPSP0002: 'active', // ALREADY IN SUBSCRIBE: never sent again, repeating it gets an app suspended
  OPSP0003: 'ignore', // UNSUBSCRIBE ERROR(not found!)
  OPSP0007: 'retry', // SUBSCRIBE INTERNAL ERROR
  OPSP0008: 'stop_adding', // MAX SUBSCRIBE OVER
  OPSP0009: 'retry', // SUBSCRIBE ERROR : mci send failed
  OPSP0010: 'fatal', // SUBSCRIBE WARNING : invalid appkey
  OPSP0011: 'new_approval_key', // invalid approval(appkey) : NOT FOUND
  OPSP0017: 'leave_out', // wrong HTS id; KIS may drop the socket after it, so it must not be sent again
  OPSP8991: 'leave_out', // invalid tr_id
  OPSP8992: 'leave_out', // invalid tr_key
  OPSP8993: 'leave_out', // JSON PARSING ERROR : invalid tr_key
  OPSP8994: 'fatal', // personalseckey not found
  OPSP8995: 'fatal', // appsecret not found
  OPSP8996: 'wait', // ALREADY IN USE appkey
  OPSP8997: 'fatal', // invalid tr_type
  OPSP8998: 'fatal', // invalid custtype
  OPSP8999: 'retry', // resource not available (ALLOC_CALL_PARAM)
  OPSP9990: 'leave_out', // tr_key not found
  OPSP9991: 'fatal', // input not found
  OPSP9992: 'fatal', // body not found
  OPSP9993: 'retry', // internal error
  OPSP9994: 'fatal', // INVALID appkey
  OPSP9995: 'retry', // resource not available
  OPSP9996: 'fatal', // appkey not found
  OPSP9997: 'fatal', // custtype not found
  OPSP9998: 'fatal', // header not found
  OPSP9999: 'fatal', // invalid json format
};

/** The kind of a code; one that KIS may add later follows its result: `0` is success, anything else is tried again. */
export function codeKind(code: string, result: string): CodeKind {
  const known = Object.hasOwn(CODE_KINDS, code) ? CODE_KINDS[code] : undefined;
  return known ?? (result === '0' ? 'active' : 'retry');
}
