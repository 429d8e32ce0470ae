// The one error of the KRX Open API: operational, and without the key.

export class KrxError extends Error {
  /**
   * `unauthorized` (a wrong key, or a service that was not applied for), `daily_limit`, `malformed`, `timeout`,
   * `closed`, `http_503`, or the code of the socket error.
   */
  readonly code: string;

  constructor(code: string, service: string) {
    super(`KRX ${service}: ${code}`);
    this.name = 'KrxError';
    this.code = code;
  }
}
