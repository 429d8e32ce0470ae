// International numbers of Korean stocks: KR7, the short code, 00, and a check digit (ISO 6166, Luhn over the digits of
// all characters, A being 10).

/** `KR7005930003` of `005930`; a leading Q of an ETN is no part of it. */
export function isin(code: string): string {
  const body = `KR7${code.slice(-6)}00`;
  return body + checkDigit(body);
}

function checkDigit(body: string): number {
  const digits = [...body].map((character) => String(Number.parseInt(character, 36))).join('');
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]) * (place % 2 === 0 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return (10 - (sum % 10)) % 10;
}
