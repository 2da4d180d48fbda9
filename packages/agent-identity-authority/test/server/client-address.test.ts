import { describe, expect, it } from 'vitest';
import { createClientAddressOf } from '../../dist/server/client-address.js';

function addressOf(trusted: string[], remoteAddress: string | undefined, forwarded?: string) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const request = new Request('http://authority/', { headers });
  return createClientAddressOf(trusted)(request, { incoming: { socket: { remoteAddress } } });
}

describe('the address of a client', () => {
  it('is the address of its connection, and its own headers are ignored', () => {
    expect(addressOf([], '192.0.2.1')).toBe('192.0.2.1');
    expect(addressOf([], '192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
    expect(addressOf(['10.0.0.0/8'], '192.0.2.1', '203.0.113.9')).toBe('192.0.2.1');
  });

  it('is the last address that is not a trusted proxy, behind trusted proxies', () => {
    expect(addressOf(['10.0.0.0/8'], '10.0.0.1', '203.0.113.9')).toBe('203.0.113.9');
    expect(addressOf(['10.0.0.0/8'], '10.0.0.1', '198.51.100.7, 203.0.113.9, 10.0.0.2')).toBe('203.0.113.9');
    expect(addressOf(['fd00::/8', '127.0.0.1'], 'fd00::1', '2001:db8::9, 127.0.0.1')).toBe('2001:db8::9');
  });

  it('is found behind a proxy whose IPv4 address has the IPv6 form', () => {
    expect(addressOf(['10.0.0.0/8'], '::ffff:10.0.0.1', '203.0.113.9')).toBe('203.0.113.9');
  });

  it('is the proxy itself if that reports nothing, or nonsense', () => {
    expect(addressOf(['10.0.0.1'], '10.0.0.1')).toBe('10.0.0.1');
    expect(addressOf(['10.0.0.1'], '10.0.0.1', 'unknown')).toBe('10.0.0.1');
    expect(addressOf(['10.0.0.1'], '10.0.0.1', 'x'.repeat(9000))).toBe('10.0.0.1');
  });

  it('is unknown if the server does not pass it', () => {
    expect(addressOf([], undefined)).toBeUndefined();
    expect(createClientAddressOf([])(new Request('http://authority/'), undefined)).toBeUndefined();
  });

  it.each(['10.0.0.0/33', 'localhost', '', '10.0.0.0/', '10.0.0.0/x', '::/129'])(
    'cannot be found with an invalid proxy: %j',
    (network) => {
      expect(() => createClientAddressOf([network])).toThrow(
        expect.objectContaining({ code: 'invalid_configuration' }),
      );
    },
  );
});
