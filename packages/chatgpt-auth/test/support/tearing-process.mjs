// Writes a file again and again as older versions of the published client do: truncated, then filled 10 ms later.
import { readFileSync, writeFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';

const [path = ''] = argv.slice(2);
stdout.write('started\n');
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
  const text = readFileSync(path, 'utf8');
  if (text === '') continue;
  writeFileSync(path, '');
  await new Promise((resolve) => setTimeout(resolve, 10));
  writeFileSync(path, text);
}
