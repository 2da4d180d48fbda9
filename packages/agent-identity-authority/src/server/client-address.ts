import type { ClientAddressOf } from 'agent-identity-authority-core';
import { describeType } from 'agent-identity-core';
import ipaddr from 'ipaddr.js';
import { programError } from '../errors.js';

/** What `@hono/node-server` passes with a request. */
interface NodeEnv {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } } | undefined;
}

/**
 * Creates the function that returns a client's address: the address of the connection, or behind proxies the last address in
 * `X-Forwarded-For` that is not a proxy. Clients can forge everything before it.
 */
export function createClientAddressOf(isProxy: (address: string) => boolean): ClientAddressOf {
  return (request, env) => {
    let address = (env as NodeEnv | undefined)?.incoming?.socket?.remoteAddress;
    const forwarded = (request.headers.get('x-forwarded-for') ?? '').split(',');
    while (address !== undefined && isProxy(address)) {
      const previous = parseForwardedAddress(forwarded.pop()?.trim() ?? '');
      if (previous === undefined) break;
      address = previous;
    }
    return address;
  };
}

/**
 * Creates the check whether an address is a trusted proxy.
 *
 * @param trustedProxies Addresses, or networks such as `10.0.0.0/8`.
 * @throws AgentIdentityError `invalid_configuration`
 */
export function createProxyCheck(trustedProxies: readonly string[]): (address: string) => boolean {
  const networks = trustedProxies.map(parseNetwork);
  return (address) => {
    const parsed = parseAddress(address);
    return parsed !== undefined && networks.some((network) => matches(parsed, network));
  };
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

function matches(address: Address, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network as ipaddr.IPv4, bits);
}

/** Reads an address of `X-Forwarded-For`, which may have a port, and brackets around IPv6. */
function parseForwardedAddress(text: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? [];
  return parseAddress(bracketed ?? plain ?? text)?.toString();
}

/** Reads an address in its usual form; IPv4 mapped into IPv6 becomes IPv4. A zone id is ignored. */
function parseAddress(text: string): Address | undefined {
  const withoutZone = text.replace(/%[\w.-]{1,64}$/, '');
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(withoutZone) || ipaddr.IPv6.isValid(withoutZone);
  return isAddress ? ipaddr.process(withoutZone) : undefined;
}

function parseNetwork(network: unknown): Network {
  const [, text = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(String(network)) ?? [];
  const address = parseAddress(text);
  const length = address?.kind() === 'ipv4' ? 32 : 128;
  if (typeof network === 'string' && address !== undefined && Number(bits ?? length) <= length) {
    return [address, Number(bits ?? length)];
  }
  throw programError(
    'invalid_configuration',
    `trustedProxies: expected addresses or networks such as 10.0.0.0/8, got ${describeType(network)}`,
  );
}
