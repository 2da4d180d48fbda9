import type { CreateAuthorityOptions, RateLimit } from 'agent-identity-authority-core';
import type { Configuration } from '../configuration/configuration.js';
import { createClientAddressOf, createProxyCheck } from './client-address.js';

/** Converts a configuration to options of an authority, without its store, authenticators and listeners. */
export function toAuthorityOptions({
  basePath,
  sealTaskIds,
  jwtLifetimeSeconds,
  taskIdleTtlSeconds,
  directoryMaxAgeSeconds,
  storage,
  limits,
  trustedProxies,
}: Configuration): Omit<CreateAuthorityOptions, 'store' | 'authenticator'> {
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
      perAccount: limits.accountRuntimesPerHour > 0 && {
        requests: limits.accountRuntimesPerHour,
        perSeconds: 3600,
      },
    },
    clientAddressOf: createClientAddressOf(createProxyCheck(trustedProxies)),
  };
}

function perMinute(requests: number): RateLimit | false {
  return requests > 0 && { requests, perSeconds: 60 };
}
