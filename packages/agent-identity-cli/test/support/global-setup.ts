export { setup, teardown } from 'test-support/run-folder';
