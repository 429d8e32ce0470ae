// No foreign page reaches the gateway: neither by its own name nor by one that points here.
import { describe, expect, it } from 'vitest';
import { Access } from './access.ts';

const PORT = 8080;

function verdict(access: Access, host: string, origin = ''): string | null {
  const headers: Record<string, string> = { host, origin };
  const request = {
    method: 'GET',
    path: '/',
    remoteAddress: '127.0.0.1',
    header: (name: string) => headers[name] ?? '',
  };
  return access.refuses(request, PORT);
}

describe('on 127.0.0.1', () => {
  const access = new Access({ host: '127.0.0.1', allowedOrigins: [], allowedHosts: [] });

  it.each([
    ['127.0.0.1:8080', ''],
    ['localhost:8080', ''],
    ['[::1]:8080', ''],
    ['LOCALHOST:8080', 'http://localhost:8080'],
    ['localhost:8080', 'http://127.0.0.1:8080'],
    ['127.0.0.1:8080', 'http://localhost:8080'],
    // A port mapped in between, by a container for example.
    ['localhost:9000', 'http://localhost:9000'],
  ])('lets Host %s with Origin "%s" in', (host, origin) => {
    expect(verdict(access, host, origin)).toBeNull();
  });

  it.each([
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example:8080',
    'localhost.evil.example',
    '192.168.0.5:8080',
    'evil.example:8080#localhost:8080',
    'localhost:8080@evil.example',
    '',
  ])('refuses Host "%s", as rebinding sends it', (host) => {
    expect(verdict(access, host)).toBe('foreign_host');
    expect(verdict(access, host, `http://${host}`)).toBe('foreign_host');
  });

  it.each([
    'http://evil.example',
    'https://evil.example:8080',
    'http://localhost:3000',
    'http://localhost',
    'http://127.0.0.1.evil.example:8080',
    'http://localhost:8080.evil.example',
    'http://localhost:80800',
    'file://',
    'null',
    'localhost:8080',
  ])('refuses Origin %s', (origin) => {
    expect(verdict(access, 'localhost:8080', origin)).toBe('foreign_origin');
  });
});

describe('with what the owner allows', () => {
  const access = new Access({
    host: '127.0.0.1',
    allowedOrigins: ['https://desk.example.com', 'http://tools.example.com:3000/'],
    allowedHosts: ['gateway.internal'],
  });

  it('lets the origins in, and them only', () => {
    expect(verdict(access, 'localhost:8080', 'https://desk.example.com')).toBeNull();
    expect(verdict(access, 'localhost:8080', 'http://tools.example.com:3000')).toBeNull();
    expect(verdict(access, 'localhost:8080', 'http://desk.example.com')).toBe('foreign_origin');
    expect(verdict(access, 'localhost:8080', 'http://tools.example.com')).toBe('foreign_origin');
  });

  it('answers to the names of the origins and to the hosts', () => {
    expect(verdict(access, 'desk.example.com', 'https://desk.example.com')).toBeNull();
    expect(verdict(access, 'gateway.internal:8080')).toBeNull();
    expect(verdict(access, 'other.internal:8080')).toBe('foreign_host');
  });

  it('does not start with an origin that is none', () => {
    expect(() => new Access({ host: 'h', allowedOrigins: ['desk.example.com'], allowedHosts: [] })).toThrow(TypeError);
  });
});

describe('on other addresses', () => {
  it('answers to every address where it is bound to all, but to no foreign name', () => {
    const access = new Access({ host: '0.0.0.0', allowedOrigins: [], allowedHosts: [] });
    expect(verdict(access, '192.168.0.5:8080', 'http://192.168.0.5:8080')).toBeNull();
    expect(verdict(access, '[fe80::1]:8080')).toBeNull();
    expect(verdict(access, 'evil.example:8080')).toBe('foreign_host');
    expect(verdict(access, '192.168.0.5:8080', 'http://6.6.6.6')).toBe('foreign_origin');
  });

  it('answers to the address it is bound to', () => {
    const v6 = new Access({ host: 'fd00::5', allowedOrigins: [], allowedHosts: [] });
    expect(verdict(v6, '[fd00::5]:8080', 'http://[fd00::5]:8080')).toBeNull();
    expect(verdict(v6, '[fd00::6]:8080')).toBe('foreign_host');
  });
});
