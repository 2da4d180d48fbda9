import type { AgentAssertion, AgentPublicKey } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';

/** An assertion whose signature was verified. It needs no second check while the runtime has the same key. */
export interface VerifiedAssertion {
  readonly assertion: AgentAssertion;
  /** The OpenSSH line of the key that verified it. */
  readonly publicKeySsh: string;
  readonly signedAtSeconds: number;
}

/**
 * Caches verified assertions by the whole header value, because all requests of one second carry the same value
 * (docs/protocol.md section 3). Only accepted assertions get in, so a caller without a registered key cannot fill it.
 */
export interface VerifiedAssertionCache {
  get(headerValue: string): VerifiedAssertion | undefined;
  set(headerValue: string, assertion: AgentAssertion, publicKey: AgentPublicKey): void;
  delete(headerValue: string): void;
}

/** @param max Maximum number of assertions; the least recently used is dropped first. 0 caches none. */
export function createVerifiedAssertionCache(max: number): VerifiedAssertionCache {
  if (max === 0) return { get: () => undefined, set: () => {}, delete: () => {} };
  const entries = new LRUCache<string, VerifiedAssertion>({ max });
  return {
    get: (headerValue) => entries.get(headerValue),
    set(headerValue, assertion, { ssh }) {
      const signedAtSeconds = Date.parse(assertion.timestamp) / 1000;
      entries.set(headerValue, { assertion, publicKeySsh: ssh, signedAtSeconds });
    },
    delete: (headerValue) => void entries.delete(headerValue),
  };
}
