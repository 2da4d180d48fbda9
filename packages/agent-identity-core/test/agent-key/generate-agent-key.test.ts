import { generateAgentKey, readAgentKey } from 'agent-identity-core';
import { expect, it } from 'vitest';

it('generateAgentKey makes a different key each time', () => {
  const keys = Array.from({ length: 20 }, () => generateAgentKey());
  expect(new Set(keys.map((key) => key.toPkcs8Base64())).size).toBe(20);
  expect(new Set(keys.map((key) => key.publicKey.ssh)).size).toBe(20);
});

it('a generated key is written as 48 bytes of PKCS#8 version 1 and reads back as the same key', () => {
  const key = generateAgentKey();
  const document = Buffer.from(key.toPkcs8Base64(), 'base64');
  expect(document).toHaveLength(48);
  expect(key.toPkcs8Base64()).toMatch(/^MC4CAQAwBQYDK2VwBCIEI/);
  const read = readAgentKey(key.toPkcs8Base64());
  expect(read.publicKey.ssh).toBe(key.publicKey.ssh);
  expect(read.sign(document)).toEqual(key.sign(document));
});
