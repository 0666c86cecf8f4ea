// The optional bearer token.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { Settings } from './settings.js';

@Injectable()
export class TokenGuard implements CanActivate {
  constructor(private readonly settings: Settings) {}

  canActivate(context: ExecutionContext): boolean {
    const { token } = this.settings;
    if (token === undefined) return true;
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    // Digests have one length, so the comparison takes the same time whatever was sent.
    if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return true;
    context.switchToHttp().getResponse<ServerResponse>().setHeader('WWW-Authenticate', 'Bearer');
    const trouble = given === undefined ? 'missing' : 'wrong';
    throw new UnauthorizedException(`the token is ${trouble}; send the header "Authorization: Bearer TOKEN"`);
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
