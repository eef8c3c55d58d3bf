// The builds of QEMU that committed files were made with, as query-version names them. Another build of the same release
// has other block drivers and audio backends, so that its schema proves nothing about those files.

const builds: Readonly<Record<string, RegExp>> = {
  '7.2': /^Debian 1:7\.2\+dfsg-/,
  '10.0': /^Debian 1:10\.0\.\d+\+ds-\S+~bpo12\+/,
};

/** Why what a QEMU of that release and package says cannot be compared with the committed files; false where it can. */
export function otherBuild(release: string, packageName: string): string | false {
  const build = builds[release];
  if (build === undefined) return `nothing is committed for QEMU ${release}`;
  return !build.test(packageName) && `what is committed is of another build of QEMU ${release}`;
}

/** Whether there are committed files for that release at all, whatever the build. */
export function isRecorded(release: string): boolean {
  return release in builds;
}
