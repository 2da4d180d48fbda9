import { describeReadme } from 'test-support';

describeReadme(new URL('..', import.meta.url));
