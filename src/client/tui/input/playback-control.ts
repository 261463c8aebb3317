import type { Playback } from '../../recording/playback.ts';
import type { ActionName } from './binding.ts';

/** What an action does to a recording that is played. False: it is about something else. */
export function controlPlayback(playback: Playback, action: ActionName): boolean {
  switch (action) {
    case 'freeze':
      playback.togglePause();
      return true;
    case 'seek-back':
      playback.seek(-1);
      return true;
    case 'seek-forth':
      playback.seek(1);
      return true;
    case 'slower':
      playback.changeSpeed(-1);
      return true;
    case 'faster':
      playback.changeSpeed(1);
      return true;
  }
  return false;
}
