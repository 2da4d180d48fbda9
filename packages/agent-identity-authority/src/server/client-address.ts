import { BlockList, isIP } from 'node:net';
import type { ClientAddressOf } from 'agent-identity-authority-core';
import { describeType } from 'agent-identity-core';
import { programError } from '../errors.js';

/** What `@hono/node-server` passes with a request. */
interface NodeEnv {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } } | undefined;
}

/**
 * Creates the function that returns a client's address: the address of the connection, or behind proxies the last address in
 * `X-Forwarded-For` that is not a proxy. Clients can forge everything before it.
 *
 * @param trustedProxies Addresses, or networks such as `10.0.0.0/8`.
 * @throws AgentIdentityError `invalid_configuration`
 */
export function createClientAddressOf(trustedProxies: readonly string[]): ClientAddressOf {
  const proxies = createBlockList(trustedProxies);
  const isProxy = (address: string) =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (request, env) => {
    let address = (env as NodeEnv | undefined)?.incoming?.socket?.remoteAddress;
    const forwarded = (request.headers.get('x-forwarded-for') ?? '').split(',').map((part) => part.trim());
    while (address !== undefined && isProxy(address)) {
      const previous = forwarded.pop();
      if (previous === undefined || isIP(previous) === 0) break;
      address = previous;
    }
    return address;
  };
}

function createBlockList(networks: readonly string[]): BlockList {
  const proxies = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    try {
      if (bits === undefined) proxies.addAddress(address, family);
      else proxies.addSubnet(address, bits === '' ? Number.NaN : Number(bits), family);
    } catch {
      throw programError(
        'invalid_configuration',
        `trustedProxies: expected addresses or networks such as 10.0.0.0/8, got ${describeType(network)}`,
      );
    }
  }
  return proxies;
}
