import { type JwtIssuer, jwtIssuer, rsaKey, type SigningKey } from 'test-support';
import { clock } from './first-party.js';

let key: SigningKey | undefined;

/** Starts an issuer of Agent Identity JWTs until the test is over. All have the same key, which takes time to generate. */
export function startIssuer(): Promise<JwtIssuer> {
  key ??= rsaKey();
  return jwtIssuer(clock, key);
}
