import type { CreateAuthorityOptions, RateLimit } from 'agent-identity-authority-core';
import type { Configuration } from '../configuration/configuration.js';
import { createClientAddressOf, createProxyCheck } from './client-address.js';

/** Converts a configuration to options of an authority, without its store, authenticators and listeners. */
export function toAuthorityOptions({
  basePath,
  sealTaskIds,
  jwtLifetimeSeconds,
  taskIdleTtlSeconds,
  instanceIdleTtlSeconds,
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
    instanceIdleTtlSeconds,
    directoryMaxAgeSeconds,
    lookupCacheSeconds: storage.cacheSeconds,
    rateLimits: {
      perAddress: perSeconds(limits.addressRequestsPerMinute, 60),
      perRuntime: perSeconds(limits.runtimeRequestsPerMinute, 60),
      perAccount: perSeconds(limits.accountRuntimesPerHour, 3600),
      perActor: perSeconds(limits.userInstancesPerHour, 3600),
    },
    clientAddressOf: createClientAddressOf(createProxyCheck(trustedProxies)),
  };
}

function perSeconds(requests: number, perSeconds: number): RateLimit | false {
  return requests > 0 && { requests, perSeconds };
}
