import type { AuthorityOptions, RateLimit } from 'agent-identity-authority-core';
import type { Configuration } from '../configuration/configuration.js';
import { clientAddress } from './client-address.js';

/** The options of an authority that a configuration says, its store and its authenticators aside. */
export function toAuthorityOptions({
  basePath,
  sealTaskIds,
  jwtLifetimeSeconds,
  taskIdleTtlSeconds,
  directoryMaxAgeSeconds,
  storage,
  limits,
  trustedProxies,
}: Configuration): Omit<AuthorityOptions, 'store' | 'authenticator'> {
  return {
    authapiBasePath: basePath,
    sealTaskIds,
    jwtLifetimeSeconds,
    taskIdleTtlSeconds,
    directoryMaxAgeSeconds,
    lookupCacheSeconds: storage.cacheSeconds,
    rateLimits: {
      perAddress: perMinute(limits.addressRequestsPerMinute),
      perRuntime: perMinute(limits.runtimeRequestsPerMinute),
    },
    clientAddressOf: clientAddress(trustedProxies),
  };
}

function perMinute(requests: number): RateLimit | false {
  return requests > 0 && { requests, perSeconds: 60 };
}
