import { sshAgentError } from './errors.js';

/** Numbers of messages (OpenSSH's PROTOCOL.agent, draft-ietf-sshm-ssh-agent section 6.1). */
export const messageType = {
  failure: 5,
  requestIdentities: 11,
  identitiesAnswer: 12,
  signRequest: 13,
  signResponse: 14,
} as const;

/** The most that OpenSSH's own agent takes and its client reads. */
export const maxMessageBytes: number = 256 * 1024;

/** Writes a message: its length, its type and its contents. */
export function writeMessage(type: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.of(type), ...contents]);
  return Buffer.concat([writeUint32(body.length), body]);
}

export function writeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Writes an SSH string: its length and its bytes (RFC 4251 section 5). */
export function writeString(bytes: Uint8Array): Buffer {
  return Buffer.concat([writeUint32(bytes.length), bytes]);
}

/** Reads the members of a message, and nothing beyond its end. */
export class MessageReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  /** @throws AgentIdentityError `malformed_ssh_agent_response` */
  readUint32(): number {
    return this.#take(4).readUInt32BE();
  }

  /** @throws AgentIdentityError `malformed_ssh_agent_response` */
  readString(): Buffer {
    return this.#take(this.readUint32());
  }

  /** @throws AgentIdentityError `malformed_ssh_agent_response` */
  requireEnd(): void {
    if (this.#offset !== this.#bytes.length) throw malformed('bytes after its end');
  }

  #take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw malformed('fewer bytes than it announces');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}

export function malformed(got: string): Error {
  return sshAgentError(
    'malformed_ssh_agent_response',
    `expected a message of the agent protocol, got ${got}`,
  );
}
