import { type AgentKey, readAgentKey } from 'agent-identity-core';

/** The signing vector `made_here` of `tests/vectors/runtime-agent-instances.json`: its seed is 00 01 02 … 1f. */
const pkcs8 = 'MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
const signatureHex =
  '1a00642bce59d2aeeccd0aea11901ca3edd3178cf52887d96427cad1e7fce98101ad987089e41cb8cf0adf9b122acfdb1a316c712f98704f42c64db9ca4fe908';

export const fixedKey: AgentKey = readAgentKey(pkcs8);
export const runtimeAgentInstanceId = 'rai-00000000-0000-4000-8000-000000000001';
export const issuedAtSeconds = 1_795_646_885;
export const id = 'f55035f1-e752-47d9-aee8-f580f57a709f';
export const signature: string = Buffer.from(signatureHex, 'hex').toString('base64url');
export const subject = { agentKey: fixedKey, runtimeAgentInstanceId } as const;
export const effects = { clock: () => issuedAtSeconds * 1000, randomUuid: () => id } as const;

export const header = '{"alg":"EdDSA","typ":"openai-agent-assertion+jws"}';
export const claims = `{"version":1,"runtime_agent_instance":"${runtimeAgentInstanceId}","iat":${issuedAtSeconds},"id":"${id}"}`;
export const assertion: string = `1.${encode(header)}.${encode(claims)}.${signature}`;

export function encode(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64url');
}

/** An assertion of any header and claims, signed by the fixed key. */
export function signedAssertion(claimsJson: string | Uint8Array, headerJson: string = header): string {
  const input = `${encode(headerJson)}.${encode(claimsJson)}`;
  return `1.${input}.${encode(fixedKey.sign(Buffer.from(input)))}`;
}
