import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { requireKnownOptions, requireSeconds, startTimer } from 'agent-identity-core/http';
import type { ProviderAuthDescription } from 'provider-auth';

/** A running broker. Printing or spreading it does not show its access token. */
export interface Broker {
  /** The base URL for clients, with the path of the provider's; `undefined` if the broker listens on a Unix socket. */
  readonly baseUrl: string | undefined;
  readonly socketPath: string | undefined;
  /** **Secret.** What clients must send; `undefined` if the permissions of the socket protect the broker. */
  readonly accessToken: string | undefined;
  /** Which credentials the broker adds, without secrets. */
  describe(): ProviderAuthDescription;
  /** Takes no more connections, and resolves when all requests are done; those that last longer than the limit are ended. */
  close(options?: { readonly timeoutSeconds?: number | undefined }): Promise<void>;
}

/** Creates the handle on a running broker. */
export function createBroker(parts: RunningBrokerParts): Broker {
  return new RunningBroker(parts);
}

/** What a running broker is made of. */
interface RunningBrokerParts {
  readonly baseUrl: string | undefined;
  readonly socketPath: string | undefined;
  /** **Secret.** */
  readonly accessToken: string | undefined;
  readonly describe: () => ProviderAuthDescription;
  readonly close: (timeoutSeconds: number) => Promise<void>;
}

class RunningBroker implements Broker {
  readonly baseUrl: string | undefined;
  readonly socketPath: string | undefined;
  readonly #parts: RunningBrokerParts;

  constructor(parts: RunningBrokerParts) {
    this.#parts = parts;
    this.baseUrl = parts.baseUrl;
    this.socketPath = parts.socketPath;
    Object.freeze(this);
  }

  get accessToken(): string | undefined {
    return this.#parts.accessToken;
  }

  describe(): ProviderAuthDescription {
    return this.#parts.describe();
  }

  async close(options: { readonly timeoutSeconds?: number | undefined } = {}): Promise<void> {
    requireKnownOptions(options, ['timeoutSeconds'], 'options');
    const { timeoutSeconds = 10 } = options;
    requireSeconds(timeoutSeconds, 'timeoutSeconds', { max: 86_400 });
    await this.#parts.close(timeoutSeconds);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Broker(${this.baseUrl ?? this.socketPath})`;
  }
}

/** Takes no more connections. Those that are still open after the time limit are destroyed. */
export async function closeGracefully(
  server: Server,
  webSockets: ReadonlySet<Socket>,
  timeoutSeconds: number,
): Promise<void> {
  const cancelTimer = startTimer(timeoutSeconds * 1000, () => {
    server.closeAllConnections();
    for (const socket of webSockets) socket.destroy();
  });
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
  });
  cancelTimer();
}
