import process from 'node:process';
import { setImmediate } from 'node:timers/promises';

/** Returns the messages of the process warnings of this package that the work causes, and does not print them. */
export async function collectWarnings(work: () => unknown): Promise<string[]> {
  const messages: string[] = [];
  const onWarning = ({ name, message }: Error) => {
    if (name === 'AgentIdentityWarning') messages.push(message);
  };
  const others = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', onWarning);
  try {
    await work();
    // The process emits warnings in a later tick.
    await setImmediate();
  } finally {
    process.off('warning', onWarning);
    for (const listener of others) process.on('warning', listener);
  }
  return messages;
}
