//! `--site FOLDER`: the next capture of the same plant adds to what is known of it.

use crate::feed::{Feed, Source, hash_of};
use crate::sources::Input;
use analysis::Judge;
use analysis::detections::{Observed, Watch};
use analysis::reports::InputFile;
use anyhow::{Context, Result, bail};
use model::Time;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::{Kept, KnownFile, Site};

/// The state's file inside the folder.
const FILE: &str = "site.db";

/// A site during a run.
pub struct Place {
    file: PathBuf,
    site: Site,
    kept: Kept,
    /// Hashes of what this run reads, by the input's name.
    new: BTreeMap<String, String>,
    /// Inputs that were read in an earlier run.
    pub known: Vec<InputFile>,
}

/// What the summary and the document say about the site.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Files read so far, this run included.
    pub files: u64,
    /// Frames read so far.
    pub frames: u64,
    /// Inputs of this run that were known already.
    pub known: Vec<String>,
}

impl Place {
    /// Opens the site and takes out of `inputs` what it has read before.
    pub fn open(folder: &Path, inputs: &mut Vec<Input>) -> Result<Place> {
        std::fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
        if inputs.contains(&Input::Stdin) {
            bail!("--site knows captures by their content before it reads them; standard input cannot be read twice");
        }
        let file = folder.join(FILE);
        let site = Site::open(&file).with_context(|| file.display().to_string())?;
        let kept = site.load().with_context(|| file.display().to_string())?;
        let mut place = Place { file, site, kept, new: BTreeMap::new(), known: Vec::new() };
        inputs.retain(|input| {
            let Some(hash) = hash_of(input) else { return true };
            match place.kept.files.get(&hash) {
                Some(file) => {
                    place.known.push(InputFile {
                        name: input.name(),
                        sha256: Some(hash),
                        size: file.size,
                        frames: 0,
                        known: true,
                        ..InputFile::default()
                    });
                    false
                }
                None => {
                    place.new.insert(input.name(), hash);
                    true
                }
            }
        });
        Ok(place)
    }

    /// Number of the last frame of all earlier runs.
    pub fn after(&self) -> u64 {
        self.kept.frames
    }

    /// A judge that knows what to compare with.
    pub fn judge(&self, feed: &Feed) -> Judge {
        let source = Kept::source(self.new.values().map(String::as_str));
        let mut judge = Judge::new(source, Watch::default(), Observed::default());
        self.kept.recall(&mut judge, feed.first_time().map(Time));
        judge
    }

    /// Joins the run with what was known and keeps it, in one transaction. The judge then tells about the whole site.
    pub fn keep(self, judge: &mut Judge, sources: &[Source]) -> Result<About> {
        let mut files = self.kept.files.clone();
        let mut frames = self.kept.frames;
        for source in sources.iter().filter(|s| s.frames > 0) {
            frames += source.frames;
            if let Some(hash) = self.new.get(&source.name) {
                let file = KnownFile { name: source.name.clone(), size: source.meter.size, frames: source.frames };
                files.insert(hash.clone(), file);
            }
        }
        let changed = frames != self.kept.frames;
        self.kept.join_into(judge);
        let about =
            About { files: files.len() as u64, frames, known: self.known.into_iter().map(|f| f.name).collect() };
        if changed {
            let kept = Kept::of(judge, files, frames);
            self.site.save(&kept).with_context(|| self.file.display().to_string())?;
        }
        Ok(about)
    }
}
