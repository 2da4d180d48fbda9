import type { EpochMilliseconds } from '../instant.js';

/** A new agent identity. Printing it shows everything except the JWT. */
export interface IssuedAgentIdentityJwt {
  /** **Secret**: it carries the private key, and exists nowhere else. */
  readonly jwt: string;
  readonly agentRuntimeId: string;
  readonly expiresAt: EpochMilliseconds;
}

class IssuedIdentity implements IssuedAgentIdentityJwt {
  readonly agentRuntimeId: string;
  readonly expiresAt: EpochMilliseconds;
  readonly #jwt: string;

  constructor(jwt: string, { agentRuntimeId, expiresAt }: Omit<IssuedAgentIdentityJwt, 'jwt'>) {
    this.#jwt = jwt;
    this.agentRuntimeId = agentRuntimeId;
    this.expiresAt = expiresAt;
    Object.freeze(this);
  }

  /** On the prototype: `JSON.stringify` and object spread skip it. */
  get jwt(): string {
    return this.#jwt;
  }

  toString(): string {
    return `IssuedIdentity(${this.agentRuntimeId})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

export function createIssuedAgentIdentityJwt(
  jwt: string,
  about: Omit<IssuedAgentIdentityJwt, 'jwt'>,
): IssuedAgentIdentityJwt {
  return new IssuedIdentity(jwt, about);
}
