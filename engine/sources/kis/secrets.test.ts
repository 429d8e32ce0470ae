// Nothing that a session knows of credentials and accounts is in what it tells.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { APP_SECRET, appKey, frameText, HTS_ID, run, trades, WAIT } from './test-source.ts';

describe('secrets', () => {
  it('are in no log line, no status and no input, whatever goes wrong', async () => {
    const approvalKeys: string[] = [];
    const plainFetch = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (...request) => {
      const response = await plainFetch(...request);
      const text = await response.text();
      approvalKeys.push(...(/"approval_key":"([^"]+)"/.exec(text)?.slice(1) ?? []));
      return new Response(text, { status: response.status });
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const wanted = [
      ...trades(2),
      { trId: 'H0STCNI0', trKey: HTS_ID, priority: 100 },
      { trId: 'H0STCNI0', trKey: 'wrong-hts-id', priority: 100 },
    ];
    const { emulator, source, logLines, inputs, notices, streaming } = await run({ wanted, watchdogMs: 800 });
    // A wrong HTS id costs the first connection.
    await vi.waitFor(() => expect(source.status().counts.connects).toBe(2), WAIT);
    await streaming(3);
    emulator.fault({ type: 'notice' });
    await vi.waitFor(() => expect(notices.length).toBeGreaterThan(0), WAIT);
    let connects = source.status().counts.connects;
    for (const type of ['stall', 'expire_keys', 'reset'] as const) {
      emulator.fault({ type });
      if (type === 'expire_keys') continue;
      await vi.waitFor(() => expect(source.status().counts.connects).toBeGreaterThan(connects), WAIT);
      await streaming(3);
      connects = source.status().counts.connects;
    }
    for (const code of ['OPSP8993', 'OPSP8996', 'OPSP9999'] as const) {
      emulator.fault({ type: 'reject', code });
      emulator.fault({ type: 'close' });
      await vi.waitFor(() => expect(logLines.join()).toContain(code), WAIT);
      const next = code === 'OPSP9999' ? 'failed' : 'streaming';
      await vi.waitFor(() => expect(source.status().state).toBe(next), WAIT);
    }
    const refused = await run({}, { appKeys: new Map() });
    await vi.waitFor(() => expect(refused.failures).toEqual(['EGW00103']), WAIT);

    const told = [
      ...logLines,
      ...refused.logLines,
      JSON.stringify([source.status(), refused.source.status()]),
      ...inputs().map((input) => (input.kind === 'frame' ? frameText(input) : JSON.stringify(input))),
    ].join('\n');
    expect(logLines.length).toBeGreaterThan(10);
    expect(approvalKeys.length).toBeGreaterThan(1);
    const { key, iv } = notices[0]!.aes!;
    for (const secret of [appKey(1), APP_SECRET, HTS_ID, 'wrong-hts-id', key, iv, ...approvalKeys, '1234567801^']) {
      expect(told.includes(secret), secret).toBe(false);
    }
  });
});
