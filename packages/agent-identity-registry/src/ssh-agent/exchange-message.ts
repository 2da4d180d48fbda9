import { connect } from 'node:net';
import { systemErrorCode } from 'agent-identity-core/http';
import { malformed, maxMessageBytes, writeMessage } from './agent-message.js';
import { sshAgentError } from './errors.js';

/** A message of the agent. */
export interface AgentMessage {
  readonly type: number;
  readonly contents: Buffer;
}

/**
 * Sends one request on a connection of its own and returns the answer. So an agent that was started again needs no care, and one
 * that stops in the middle fails one request.
 *
 * @throws AgentIdentityError `ssh_agent_unavailable`, `malformed_ssh_agent_response`; the reason of the signal
 */
export function exchangeMessage(
  socketPath: string,
  type: number,
  contents: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<AgentMessage> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const answer = new AnswerBytes();
    const socket = connect({ path: socketPath });
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      settle();
    };
    const onAbort = () => end(() => reject(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('data', (chunk) => {
      try {
        const message = answer.add(chunk);
        if (message !== undefined) end(() => resolve(message));
      } catch (error) {
        end(() => reject(error));
      }
    });
    socket.on('error', (error) =>
      end(() => reject(unavailable(systemErrorCode(error) ?? 'connection failed'))),
    );
    socket.on('close', () =>
      end(() => reject(unavailable('the agent closed the connection before it answered'))),
    );
    socket.write(writeMessage(type, ...contents));
  });
}

/** The bytes of one answer, as they arrive. */
class AnswerBytes {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #announced: number | undefined;

  /**
   * Returns the answer once it is complete.
   *
   * @throws AgentIdentityError `malformed_ssh_agent_response`
   */
  add(chunk: Buffer): AgentMessage | undefined {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < 4) return undefined;
    this.#announced ??= Buffer.concat(this.#chunks).readUInt32BE();
    if (this.#announced < 1 || this.#announced > maxMessageBytes) {
      throw malformed(`a length of ${this.#announced} bytes`);
    }
    if (this.#length > 4 + this.#announced) throw malformed('bytes after its end');
    if (this.#length < 4 + this.#announced) return undefined;
    const whole = Buffer.concat(this.#chunks);
    return { type: whole.readUInt8(4), contents: whole.subarray(5) };
  }
}

function unavailable(reason: string): Error {
  return sshAgentError('ssh_agent_unavailable', `no answer: ${reason}`);
}
