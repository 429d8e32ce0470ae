// For tests of the page in Chromium: pages of a market's gateway, opened and closed for each test, and held to what no
// page may do.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Gateway } from '../gateway.ts';
import { chromiumPath, compileDashboard, launchChromium, type Market, serve } from './dashboard-fixture.ts';
import { INSTRUMENTS } from './sample-market-fixture.ts';

const executable = chromiumPath();
/** Whether the tests can run, and what their name says where they cannot. */
export const hasChromium = executable !== null;
export const whyNot = hasChromium ? '' : ' (skipped: no Chromium at CHROMIUM_PATH or on the PATH)';

export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

export interface Pages {
  start(market: Market, listen?: Parameters<typeof serve>[3]): Promise<Gateway>;
  visit(gateway: Gateway, options?: BrowserContextOptions, path?: string): Promise<Page>;
}

/** Call it inside of `describe`: it brings its own set-up and end. */
export function chromiumPages(): Pages {
  let browser: Browser;
  let compiled: Awaited<ReturnType<typeof compileDashboard>>;
  const gateways: Gateway[] = [];
  /** What no page may do: complain, break its content policy, or ask another host. */
  const faults: string[] = [];

  beforeAll(async () => {
    compiled = await compileDashboard();
    browser = await launchChromium(executable!);
  });
  afterAll(async () => {
    await browser?.close();
    await compiled?.remove();
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    for (const gateway of gateways.splice(0)) await gateway.close('test over');
    expect(faults.splice(0)).toEqual([]);
  });

  return {
    async start(market, listen) {
      const gateway = await serve(market, compiled.folder, INSTRUMENTS, listen);
      gateways.push(gateway);
      return gateway;
    },
    async visit(gateway, options = {}, path = '/') {
      const context = await browser.newContext({ viewport: { width: 1440, height: 960 }, locale: 'en-US', ...options });
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(String(error)));
      page.on('request', (request) => {
        if (!request.url().startsWith(gateway.url)) faults.push(`asked ${request.url()}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
      });
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (violation) => {
          throw new Error(`content policy: ${violation.violatedDirective} ${violation.blockedURI}`);
        });
      });
      await page.goto(gateway.url + path);
      return page;
    },
  };
}

export function shows(page: Page, selector: string, text: string | RegExp) {
  return expect.poll(() => page.textContent(selector), { timeout: 20_000, interval: 20 }).toMatch(text);
}
