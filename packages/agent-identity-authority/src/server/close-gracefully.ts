import type { Server } from 'node:http';
import { clearTimeout, setTimeout } from 'node:timers';

/** Takes no more connections, lets requests under way finish, and after the time limit ends what is left. */
export async function closeGracefully(server: Server, timeoutSeconds: number): Promise<void> {
  const limit = setTimeout(() => server.closeAllConnections(), timeoutSeconds * 1000);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
  });
  clearTimeout(limit);
}
