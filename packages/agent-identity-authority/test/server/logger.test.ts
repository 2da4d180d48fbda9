import { expect, it } from 'vitest';
import { createLogger } from '../../dist/server/logger.js';

it('the logger redacts members with secret names, and secrets in errors', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => lines.push(line) });
  const cause = new Error('Bearer hunter2-hunter2');
  const err = new Error('connect ECONNREFUSED postgres://authority:hunter2@db/agents', { cause });
  Object.assign(err, { code: 'ECONNREFUSED', query: 'hunter2', detail: 'hunter2' });
  logger.error({ err }, 'failure');
  logger.info({ authorization: 'hunter2', account: { token: 'hunter2' }, jwt: 'hunter2' }, 'said');
  logger.error({ err: 'hunter2' }, 'no error');
  const log = lines.join('');
  expect(log).not.toContain('hunter2');
  expect(log).toContain('"code":"ECONNREFUSED"');
  expect(log).toContain('[redacted]@db/agents');
});
