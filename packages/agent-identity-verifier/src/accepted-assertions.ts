import type { AgentAssertion, AgentPublicKey } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';

/** An assertion whose signature needs no second check, as long as the runtime's key is still the same. */
export interface AcceptedAssertion {
  readonly assertion: AgentAssertion;
  /** The OpenSSH line of the key that verified it. */
  readonly publicKeySsh: string;
  readonly signedAtSeconds: number;
}

/**
 * Remembers accepted assertions by the whole header value: all requests of one second carry the same one (protocol
 * section 3). Only accepted ones are kept, so nobody without a registered key can fill it or push others out.
 */
export interface AcceptedAssertions {
  find(headerValue: string): AcceptedAssertion | undefined;
  remember(headerValue: string, assertion: AgentAssertion, publicKey: AgentPublicKey): void;
  /** A revocation, say: should it be taken back, the signature is checked anew. */
  forget(headerValue: string): void;
}

/** @param max How many at most; the least recently used goes first. 0 keeps none. */
export function acceptedAssertions(max: number): AcceptedAssertions {
  if (max === 0) return { find: () => undefined, remember: () => {}, forget: () => {} };
  const accepted = new LRUCache<string, AcceptedAssertion>({ max });
  return {
    find: (headerValue) => accepted.get(headerValue),
    forget: (headerValue) => void accepted.delete(headerValue),
    remember(headerValue, assertion, { ssh }) {
      const signedAtSeconds = Date.parse(assertion.timestamp) / 1000;
      accepted.set(headerValue, { assertion, publicKeySsh: ssh, signedAtSeconds });
    },
  };
}
