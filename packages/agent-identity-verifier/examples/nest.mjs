// A NestJS service whose guard accepts only verified agents. Run it with: node examples/nest.mjs
import 'reflect-metadata';
import { Controller, Get, Module, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { getVerifiedAgent, requireAgent } from 'agent-identity-verifier/express';
import { callAs, directory } from './support/agent.mjs';

const middleware = requireAgent(createAssertionVerifier({ directory }));

/** A guard for `@UseGuards(AgentGuard)`. A request that is refused has its response, and goes no further. */
class AgentGuard {
  canActivate(context) {
    const http = context.switchToHttp();
    return new Promise((resolve, reject) => {
      middleware(http.getRequest(), http.getResponse(), () => resolve(true)).catch(reject);
    });
  }
}

class AgentController {
  whoami(request) {
    const { agentRuntimeId, taskId } = getVerifiedAgent(request);
    return { agentRuntimeId, taskId };
  }
}

class AppModule {}

// What decorators do in TypeScript: @UseGuards(AgentGuard), @Get('whoami'), @Req(), @Controller('v1'), @Module({ … }).
UseGuards(AgentGuard)(AgentController);
const { prototype } = AgentController;
Get('whoami')(prototype, 'whoami', Object.getOwnPropertyDescriptor(prototype, 'whoami'));
Req()(prototype, 'whoami', 0);
Controller('v1')(AgentController);
Module({ controllers: [AgentController], providers: [AgentGuard] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
await callAs(await app.getUrl());
await app.close();
