// What the REST side answers, and the table of its errors: code, HTTP status, result code, message. KIS's gateway (EGW)
// speaks by HTTP 500, the services behind it (OPSQ and others) by HTTP 200 and a result code; OAuth has a shape of its own.

export interface RestAnswer {
  readonly status: number;
  /** Bytes are sent as they are (a zip), anything else as JSON. */
  readonly body: Readonly<Record<string, unknown>> | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const ERRORS = {
  EGW00001: [500, '1', '일시적 오류가 발생했습니다.'],
  EGW00002: [500, '1', '서버 에러가 발생했습니다.'],
  EGW00003: [500, '1', '접근이 거부되었습니다.'],
  EGW00101: [500, '1', '유효하지 않은 요청입니다.'],
  EGW00102: [500, '1', 'AppKey는 필수입니다.'],
  EGW00103: [500, '1', '유효하지 않은 AppKey입니다.'],
  EGW00104: [500, '1', 'AppSecret은 필수입니다.'],
  EGW00105: [500, '1', '유효하지 않은 AppSecret입니다.'],
  EGW00115: [500, '1', 'grant_type은 필수입니다.'],
  EGW00116: [500, '1', '지원하지 않는 grant_type 입니다.'],
  EGW00121: [500, '1', '유효하지 않은 token 입니다.'],
  EGW00122: [500, '1', 'token을 찾을 수 없습니다.'],
  EGW00123: [500, '1', '기간이 만료된 token 입니다.'],
  EGW00132: [500, '1', '잘못된 Content-Type 입니다.'],
  EGW00133: [500, '1', '접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)'],
  EGW00201: [500, '1', '초당 거래건수를 초과하였습니다.'],
  EGW00202: [404, '1', 'GW라우팅 중 오류가 발생했습니다.'],
  EGW00203: [500, '1', 'OPS라우팅 중 오류가 발생했습니다.'],
  EGW00204: [500, '1', 'Internal Gateway 인스턴스를 잘못 입력했습니다.'],
  EGW00208: [500, '1', '고객유형(custtype)이 유효하지 않습니다.'],
  EGW00300: [500, '1', 'Gateway 라우팅 오류가 발생했습니다.'],
  EGW00301: [500, '1', '연결 시간이 초과되었습니다. 직전 거래를 반드시 확인하세요.'],
  EGW00302: [500, '1', '거래시간이 초과되었습니다. 직전 거래를 반드시 확인하세요.'],
  EGW02004: [500, '1', '실전투자 TR 이 아닙니다.'],
  EGW02006: [500, '1', '모의투자 TR 이 아닙니다.'],
  OPSQ0002: [200, '1', '없는 서비스 코드 입니다'],
  OPSQ0010: [200, '1', '호출 결과처리(리소스 부족) 오류 입니다.'],
  OPSQ1002: [200, '1', '세션 연결 오류'],
  OPSQ2000: [200, '2', 'ERROR : INPUT INVALID_CHECK_ACNO'],
  OPSQ2001: [200, '2', 'ERROR : INPUT INVALID_CHECK_MRKT_DIV_CODE'],
  OPSQ2002: [200, '2', 'ERROR INVALID INPUT_FILED_SIZE'],
  OPSQ2003: [200, '2', 'ERROR : SET_MCI_SEND_DATA'],
  KIOK0560: [200, '7', '조회할 내용이 없습니다'],
  APBK1234: [200, '1', '에뮬레이터는 주문을 받지 않습니다.'],
} as const;

export type RestErrorCode = keyof typeof ERRORS;
export const REST_ERROR_CODES = Object.keys(ERRORS) as readonly RestErrorCode[];

export function isRestErrorCode(text: unknown): text is RestErrorCode {
  return typeof text === 'string' && Object.hasOwn(ERRORS, text);
}

export function restError(code: RestErrorCode, message: string = ERRORS[code][2]): RestAnswer {
  const [status, result] = ERRORS[code];
  return { status, body: { rt_cd: result, msg_cd: code, msg1: message } };
}

/** The same of the OAuth paths. */
export function oauthError(code: RestErrorCode): RestAnswer {
  return { status: 403, body: { error_code: code, error_description: ERRORS[code][2] } };
}

/** Thrown by what answers a TR; it ends that request and nothing else. */
export class Refusal extends Error {
  readonly code: RestErrorCode;

  constructor(code: RestErrorCode, message?: string) {
    super(message ?? ERRORS[code][2]);
    this.code = code;
  }
}
