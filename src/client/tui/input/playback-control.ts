import type { Playback } from '../../recording/playback.ts';
import type { ActionName } from './keymap.ts';

/** Actions that control playback. */
const PLAYBACK_ACTIONS = {
  freeze: (playback: Playback) => playback.togglePause(),
  'seek-back': (playback: Playback) => playback.seek(-1),
  'seek-forward': (playback: Playback) => playback.seek(1),
  slower: (playback: Playback) => playback.changeSpeed(-1),
  faster: (playback: Playback) => playback.changeSpeed(1),
} as const satisfies Partial<Record<ActionName, (playback: Playback) => void>>;

export type PlaybackAction = keyof typeof PLAYBACK_ACTIONS;

export function isPlaybackAction(action: ActionName): action is PlaybackAction {
  return action in PLAYBACK_ACTIONS;
}

export function controlPlayback(playback: Playback, action: PlaybackAction): void {
  PLAYBACK_ACTIONS[action](playback);
}
