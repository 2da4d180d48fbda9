import type { EpochMilliseconds } from './epoch.js';

/** A new agent identity. Whatever prints it shows everything but the JWT. */
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

  /** On the prototype, where neither `JSON.stringify` nor Node's inspect looks. */
  get jwt(): string {
    return this.#jwt;
  }
}

export function issuedAgentIdentityJwt(
  jwt: string,
  about: Omit<IssuedAgentIdentityJwt, 'jwt'>,
): IssuedAgentIdentityJwt {
  return new IssuedIdentity(jwt, about);
}
