import { type AgentPublicKey, readSshPublicKey } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';

/** Reads stored OpenSSH lines; the same object for the same line, because reading and preparing a key take time. */
export function registeredKeyReader(max = 10_000): (publicKeySsh: string) => AgentPublicKey {
  const keys = new LRUCache<string, AgentPublicKey>({ max });
  return (publicKeySsh) => {
    const known = keys.get(publicKeySsh);
    if (known !== undefined) return known;
    const key = readSshPublicKey(publicKeySsh);
    keys.set(publicKeySsh, key);
    return key;
  };
}
