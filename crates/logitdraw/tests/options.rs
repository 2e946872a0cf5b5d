//! Every option by its public name: that it reads back as it was set, its range, and which options it excludes.

use logitdraw::{Algorithm, Error, ErrorCode, Options, Order, Sampler, Seed, Value};

const VOCAB: usize = 50;

fn number(x: f64) -> Value {
    Value::Number(x)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn texts(names: &[&str]) -> Value {
    Value::Texts(names.iter().map(|name| name.to_string()).collect())
}

fn ids(ids: &[u32]) -> Value {
    Value::Ids(ids.to_vec())
}

/// Returns the other options that a group or an option requires.
fn companions(name: &str) -> Vec<(&'static str, Value)> {
    let all = match name.split('.').next().unwrap() {
        "xtc" => vec![("xtc.probability", number(0.3)), ("xtc.threshold", number(0.2))],
        "dynamicTemperature" if name == "dynamicTemperature.range" => vec![],
        "dynamicTemperature" if name == "dynamicTemperature.exponent" => {
            vec![("dynamicTemperature.range", number(0.5))]
        }
        "dynamicTemperature" => {
            vec![("dynamicTemperature.low", number(0.5)), ("dynamicTemperature.high", number(f64::from(f32::MAX)))]
        }
        "smoothing" => vec![("smoothing.factor", number(0.3))],
        "mirostat" => vec![("mirostat.version", number(2.0))],
        "adaptiveP" => vec![("adaptiveP.target", number(0.3))],
        "dry" => vec![("dry.multiplier", number(0.8))],
        "noRepeatNgram" => vec![("noRepeatNgram.size", number(3.0))],
        "minNewTokens" | "exponentialDecayLengthPenalty" => vec![("eosTokenId", ids(&[1]))],
        "forcedEosTokenId" => vec![("maxNewTokens", number(9.0))],
        "thinkingBudget" => vec![
            ("thinkingBudget.tokens", number(4.0)),
            ("thinkingBudget.start", ids(&[1])),
            ("thinkingBudget.end", ids(&[2])),
        ],
        _ => vec![],
    };
    all.into_iter().filter(|(other, _)| *other != name).collect()
}

fn with(settings: &[(&str, Value)]) -> Result<Options, Error> {
    let mut options = Options::new(VOCAB);
    for (name, value) in settings {
        options.set(name, value.clone())?;
    }
    Sampler::new(options.clone()).map(|_| options)
}

fn set(name: &str, value: Value) -> Result<Options, Error> {
    let mut settings = companions(name);
    settings.push((name, value));
    with(&settings)
}

/// Returns every option with values it accepts and values it refuses.
#[allow(clippy::too_many_lines)] // it is a table
fn table() -> Vec<(&'static str, Vec<Value>, Vec<Value>)> {
    let largest = f64::from(f32::MAX);
    let numbers = |good: &[f64], bad: &[f64]| {
        let bad = bad.iter().copied().chain([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).map(number);
        let of_another_kind = [Value::Null, text("1"), Value::Flag(true), ids(&[1])];
        (good.iter().map(|x| number(*x)).collect(), bad.chain(of_another_kind).collect::<Vec<_>>())
    };
    let share = || numbers(&[0.0, 0.5, 1.0, 1e-300], &[-1e-300, -1e-9, -1.0, 1.0 + f64::EPSILON, 1.0 + 1e-9, 2.0]);
    let above = |least: f64| numbers(&[least, 1.0, largest], &[least - 1e-9, 3.5e38]);
    let count = |least: f64| numbers(&[least, 7.0, 9_007_199_254_740_992.0], &[least - 1.0, least + 1.5, 7.5, 1e16]);
    let list = || (vec![ids(&[0, 49])], vec![ids(&[3, 50]), number(-1.0), number(0.5), number(50.0), Value::Null]);
    let lists = || {
        let lists = |lists: &[&[u32]]| Value::Sequences(lists.iter().map(|list| list.to_vec()).collect());
        (vec![lists(&[&[1], &[2, 49]])], vec![lists(&[&[1], &[]]), lists(&[&[1], &[3, 50]]), ids(&[1]), number(1.0)])
    };
    let ((share_good, share_bad), (list_good, list_bad), (lists_good, lists_bad)) = (share(), list(), lists());
    let of = |name, (good, bad): (Vec<Value>, Vec<Value>)| (name, good, bad);
    let mut table = vec![
        of("vocabSize", numbers(&[50.0, 2_147_483_648.0], &[0.0, 2_147_483_649.0, 3e9, -1.0, 3.5])),
        of("temperature", numbers(&[0.0, 1.0, largest], &[-1e-300, -1e-9, -1.0, 3.5e38])),
        of("topK", count(0.0)),
        ("topKTies", vec![text("keep"), text("exact")], vec![text("all"), text("some"), number(1.0)]),
        of("topNSigma", above(0.0)),
        ("pLess", vec![Value::Flag(true), text("norm")], vec![text("yes"), number(1.0)]),
        of("minK", above(0.0)),
        of("minTokensToKeep", numbers(&[1.0, 50.0], &[0.0, 51.0, 1.5])),
        of("dynamicTemperature.range", above(0.0)),
        of("dynamicTemperature.low", above(0.0)),
        of("dynamicTemperature.high", numbers(&[0.5, largest], &[0.4, 3.5e38])),
        of("dynamicTemperature.exponent", above(0.0)),
        of("smoothing.factor", above(0.0)),
        of("smoothing.curve", numbers(&[1.0, 3.0], &[0.99, 3.01])),
        of("mirostat.version", numbers(&[1.0, 2.0], &[0.0, 3.0, 1.5])),
        of("mirostat.tau", numbers(&[1e-30, 5.0, largest], &[0.0, -1.0, 3.5e38])),
        of("mirostat.m", count(2.0)),
        of("adaptiveP.target", numbers(&[-1.0, 0.0, 1.0, 7.0], &[f64::INFINITY])),
        of("adaptiveP.decay", numbers(&[-1.0, 0.0, 0.99, 1.0], &[f64::NEG_INFINITY])),
        of("repetitionPenalty", numbers(&[1e-30, 1.5, largest], &[0.0, -1.0, 3.5e38])),
        of("presencePenalty", numbers(&[-largest, 0.5, largest], &[-3.5e38, 3.5e38])),
        of("frequencyPenalty", numbers(&[-largest, 0.5, largest], &[-3.5e38, 3.5e38])),
        of("penaltyWindow", count(0.0)),
        ("penaltyScope.repetition", vec![text("all"), text("output")], vec![text("none"), Value::Flag(true)]),
        ("penaltyScope.frequencyPresence", vec![text("all"), text("output")], vec![text("none"), Value::Null]),
        of("dry.multiplier", above(0.0)),
        of("dry.base", above(1.0)),
        of("dry.allowedLength", count(0.0)),
        of("dry.window", count(0.0)),
        of("noRepeatNgramSize", count(0.0)),
        of("noRepeatNgram.size", count(1.0)),
        of("noRepeatNgram.window", count(0.0)),
        (
            "logitBias",
            vec![Value::Biases(vec![(3, 0.5), (49, f64::NEG_INFINITY)])],
            vec![Value::Biases(vec![(50, 1.0)]), Value::Biases(vec![(1, f64::NAN)]), ids(&[1])],
        ),
        (
            "sequenceBias",
            vec![Value::SequenceBiases(vec![(vec![3], 0.5), (vec![4, 49], f64::NEG_INFINITY)])],
            [(vec![], 1.0), (vec![50], 1.0), (vec![1], f64::INFINITY)]
                .map(|bias| Value::SequenceBiases(vec![bias]))
                .into(),
        ),
        of("minNewTokens", count(0.0)),
        of("maxNewTokens", count(1.0)),
        of("forcedBosTokenId", numbers(&[0.0, 49.0], &[50.0, -1.0, 0.5])),
        (
            "exponentialDecayLengthPenalty",
            vec![Value::Numbers(vec![3.0, 1.1])],
            [vec![3.0], vec![-1.0, 1.1], vec![1.5, 1.1], vec![3.0, 0.0], vec![3.0, f64::NAN]]
                .map(Value::Numbers)
                .into(),
        ),
        of("thinkingBudget.tokens", count(0.0)),
        ("removeInvalidValues", vec![Value::Flag(true)], vec![number(1.0), text("true")]),
        (
            "order",
            vec![text("vllm"), text("llama.cpp"), texts(&["topP", "temperature", "noRepeatNgramSize"])],
            vec![text("torch"), texts(&["topP", "topP"]), texts(&["topK", "topK"]), texts(&["topQ"]), number(1.0)],
        ),
        (
            "generator",
            vec![text("torch"), text("numpy"), Value::Flag(true)],
            vec![text("dice"), text("mersenne"), Value::Flag(false)],
        ),
        (
            "seed",
            vec![number(5.0), Value::Seed(Seed::from(u64::MAX))],
            vec![number(0.5), number(9_007_199_254_740_994.0), number(1e300), text("1")],
        ),
        ("sequence", vec![number(5.0), Value::Seed(Seed::from(u64::MAX))], vec![number(-1.0), text("1")]),
    ];
    for name in ["topP", "minP", "typicalP", "epsilonCutoff", "etaCutoff", "topH", "topA", "tailFree"] {
        table.push((name, share_good.clone(), share_bad.clone()));
    }
    for name in ["xtc.probability", "xtc.threshold", "mirostat.eta"] {
        table.push((name, share_good.clone(), share_bad.clone()));
    }
    for name in ["suppressTokens", "beginSuppressTokens", "eosTokenId", "forcedEosTokenId", "allowedTokenIds"] {
        table.push((name, list_good.clone(), list_bad.clone()));
    }
    for name in ["xtc.protect", "noRepeatNgram.exempt", "thinkingBudget.start", "thinkingBudget.end"] {
        table.push((name, list_good.clone(), list_bad.clone()));
    }
    for name in ["badWords", "dry.sequenceBreakers"] {
        table.push((name, lists_good.clone(), lists_bad.clone()));
    }
    table
}

#[test]
fn values_lists_every_option_of_the_table_once_set() {
    let error = Options::new(VOCAB).set("", Value::Null).unwrap_err();
    assert_eq!(error.code, ErrorCode::UnknownOption);
    let mut names: Vec<&str> = table().iter().map(|row| row.0).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), table().len());
    let mut options = Options::new(VOCAB);
    for (name, good, _) in table() {
        options.set(name, good.last().unwrap().clone()).unwrap();
    }
    let set: Vec<&str> = options.values().iter().map(|(name, _)| *name).collect();
    for name in &names {
        assert!(set.contains(name), "{name} is at its default");
    }
    assert_eq!(set.len(), names.len(), "{set:?}");
}

#[test]
fn options_read_back_as_set_and_unset_restores_defaults() {
    for (name, good, _) in table() {
        for value in good {
            let options = set(name, value.clone()).unwrap_or_else(|error| panic!("{name} {value:?}: {error}"));
            let mut again = Options::new(0);
            for (name, value) in options.values() {
                again.set(name, value).unwrap();
            }
            assert_eq!(again, options, "{name} {value:?}");
            let mut unset = options;
            unset.unset(name).unwrap();
            let rest = companions(name);
            let mut model = Options::new(if name == "vocabSize" { 0 } else { VOCAB });
            rest.iter().for_each(|(name, value)| model.set(name, value.clone()).unwrap());
            assert_eq!(unset.values(), model.values(), "{name} {value:?}");
        }
    }
}

#[test]
fn refuses_invalid_values_and_names_the_option() {
    for (name, _, bad) in table() {
        for value in bad {
            let error = set(name, value.clone()).err().unwrap_or_else(|| panic!("{name} {value:?} is accepted"));
            assert_eq!(error.code, ErrorCode::InvalidOption, "{name} {value:?}: {error}");
            assert_eq!(error.option.as_deref(), Some(name), "{value:?}: {error}");
            assert!(error.message.contains(name), "{error}");
        }
        // A value of another kind leaves nothing behind either.
        let mut options = Options::new(VOCAB);
        options
            .set(name, Value::SequenceBiases(vec![]))
            .map_or_else(|_| assert_eq!(options, Options::new(VOCAB), "{name}"), |()| assert_eq!(name, "sequenceBias"));
    }
}

#[test]
fn error_messages_state_the_allowed_range() {
    for (name, value, message) in [
        ("temperature", number(-1.0), "temperature must be from 0 to 3.4e38, not -1"),
        ("topP", number(1.5), "topP must be from 0 to 1, not 1.5"),
        ("noRepeatNgramSize", number(-2.0), "noRepeatNgramSize must be an integer from 0 to 2^53"),
        ("repetitionPenalty", number(0.0), "repetitionPenalty must be above 0, at most 3.4e38, not 0"),
        ("frequencyPenalty", number(f64::INFINITY), "frequencyPenalty must be from -3.4e38 to 3.4e38, not Infinity"),
        ("order", text("vlm"), "unknown order \"vlm\": transformers, llama.cpp or vllm"),
    ] {
        assert_eq!(set(name, value).unwrap_err().message, message);
    }
}

#[test]
fn an_invalid_list_entry_is_reported_by_its_index() {
    let pairs = |pairs: &[(u32, f64)]| Value::Biases(pairs.to_vec());
    let lists = Value::Sequences(vec![vec![1], vec![2], vec![3, 50]]);
    for (name, value, index) in [
        ("suppressTokens", ids(&[1, 2, 50]), 2),
        ("allowedTokenIds", ids(&[60]), 0),
        ("xtc.protect", ids(&[1, u32::MAX]), 1),
        ("logitBias", pairs(&[(1, 0.0), (50, 0.0)]), 1),
        ("logitBias", pairs(&[(1, 0.0), (2, f64::NAN)]), 1),
        ("badWords", lists.clone(), 2),
        ("dry.sequenceBreakers", lists, 2),
        ("sequenceBias", Value::SequenceBiases(vec![(vec![1], 0.0), (vec![1, 50], 0.0)]), 1),
    ] {
        let error = set(name, value).unwrap_err();
        assert_eq!((error.code, error.index), (ErrorCode::InvalidOption, Some(index)), "{error}");
        assert_eq!(error.option.as_deref(), Some(name));
    }
}

#[test]
fn groups_must_be_objects_with_their_required_parts() {
    let groups =
        ["xtc", "dynamicTemperature", "smoothing", "mirostat", "adaptiveP", "penaltyScope", "dry", "noRepeatNgram"];
    for group in groups.into_iter().chain(["thinkingBudget"]) {
        for value in [number(5.0), Value::Null, text("on"), ids(&[1])] {
            let mut options = Options::new(VOCAB);
            let error = options.set(group, value).unwrap_err();
            assert_eq!((error.code, error.option.as_deref()), (ErrorCode::InvalidOption, Some(group)));
            assert!(error.message.contains("object"), "{error}");
            assert_eq!(options, Options::new(VOCAB));
        }
        let part = table().into_iter().find(|(name, ..)| name.split('.').next() == Some(group)).unwrap();
        let mut options = Options::new(VOCAB);
        options.set(part.0, part.1[0].clone()).unwrap();
        assert_ne!(options, Options::new(VOCAB));
        options.unset(group).unwrap();
        assert_eq!(options, Options::new(VOCAB));
    }
    for (given, missing) in [
        ("xtc.threshold", "xtc.probability"),
        ("xtc.probability", "xtc.threshold"),
        ("smoothing.curve", "smoothing.factor"),
        ("mirostat.tau", "mirostat.version"),
        ("adaptiveP.decay", "adaptiveP.target"),
        ("dry.base", "dry.multiplier"),
        ("noRepeatNgram.window", "noRepeatNgram.size"),
        ("thinkingBudget.start", "thinkingBudget.tokens"),
        ("dynamicTemperature.exponent", "dynamicTemperature"),
        ("dynamicTemperature.low", "dynamicTemperature"),
    ] {
        let value = table().into_iter().find(|(name, ..)| *name == given).unwrap().1[0].clone();
        let error = with(&[(given, value)]).unwrap_err();
        assert_eq!((error.code, error.option.as_deref()), (ErrorCode::InvalidOption, Some(missing)), "{error}");
    }
}

#[test]
fn refuses_conflicting_options_and_missing_companions() {
    let refused = |settings: &[(&str, Value)]| with(settings).unwrap_err().option.clone().unwrap();
    let (low, high) = (("dynamicTemperature.low", number(0.5)), ("dynamicTemperature.high", number(2.0)));
    let range = ("dynamicTemperature.range", number(0.5));
    assert_eq!(refused(&[low.clone(), high.clone(), range]), "dynamicTemperature");
    assert_eq!(refused(&[low, high, ("temperature", number(0.5))]), "temperature");
    let sizes = [("noRepeatNgramSize", number(2.0)), ("noRepeatNgram.size", number(2.0))];
    assert_eq!(refused(&sizes), "noRepeatNgramSize");
    assert_eq!(refused(&[("minNewTokens", number(2.0))]), "minNewTokens");
    assert_eq!(refused(&[("forcedEosTokenId", ids(&[2]))]), "forcedEosTokenId");
    let decay = Value::Numbers(vec![1.0, 1.5]);
    assert_eq!(refused(&[("exponentialDecayLengthPenalty", decay)]), "exponentialDecayLengthPenalty");
    assert_eq!(refused(&[("allowedTokenIds", ids(&[]))]), "allowedTokenIds");
    let thinking = [("thinkingBudget.tokens", number(1.0)), ("thinkingBudget.start", ids(&[1]))];
    assert_eq!(refused(&thinking), "thinkingBudget.end");
    let llama = ("order", text("llama.cpp"));
    let mirostat = ("mirostat.version", number(2.0));
    assert_eq!(refused(&[llama.clone(), mirostat.clone(), ("topK", number(4.0))]), "topK");
    assert!(with(&[llama, mirostat, ("temperature", number(0.5))]).is_ok());
    assert_eq!(refused(&[("generator", text("torch")), ("sequence", number(1.0))]), "sequence");
}

#[test]
fn a_custom_order_must_name_each_stage_in_use_once() {
    let refused = |settings: &[(&str, Value)]| with(settings).unwrap_err();
    let ngram = ("noRepeatNgram.size", number(2.0));
    // The error names the option as the user wrote it.
    assert_eq!(refused(&[ngram.clone(), ("order", texts(&["topK"]))]).option.as_deref(), Some("noRepeatNgram"));
    let size = ("noRepeatNgramSize", number(2.0));
    assert_eq!(refused(&[size.clone(), ("order", texts(&["topK"]))]).option.as_deref(), Some("noRepeatNgramSize"));
    for name in ["noRepeatNgram", "noRepeatNgramSize"] {
        assert!(with(&[ngram.clone(), ("order", texts(&[name]))]).is_ok());
        assert!(with(&[size.clone(), ("order", texts(&[name]))]).is_ok());
    }
    let twice = refused(&[("order", texts(&["noRepeatNgram", "topK", "noRepeatNgramSize"]))]);
    assert!(twice.message.contains("twice"), "{twice}");
    let unknown = refused(&[("order", texts(&["topk"]))]);
    assert!(unknown.message.ends_with("did you mean topK?"), "{unknown}");
    assert_eq!(unknown.option.as_deref(), Some("order"));
    // Callers from Rust, who can set the field directly, are refused too.
    for names in [["topK", "topQ"], ["topK", "topK"]] {
        let options = Options { order: Order::of(&names), ..Options::new(VOCAB) };
        assert_eq!(Sampler::new(options).err().unwrap().option.as_deref(), Some("order"));
    }
    assert_eq!(refused(&[("dry.multiplier", number(1.0)), ("order", texts(&[]))]).option.as_deref(), Some("dry"));
    // An option that is off needs no stage.
    assert!(with(&[("dry.multiplier", number(0.0)), ("order", texts(&[]))]).is_ok());
}

#[test]
fn counts_above_2_to_the_53_can_be_saved_and_restored() {
    let mut options = Options::new(VOCAB);
    options.top_k = usize::MAX;
    options.penalty_window = Some(usize::MAX);
    let sampler = Sampler::new(options).unwrap();
    assert!(Sampler::restore(&sampler.save().unwrap()).is_ok());
}

#[test]
fn an_unknown_option_suggests_the_nearest_name() {
    for (name, near) in [
        ("temprature", Some("temperature?")),
        ("top_k", Some("topK?")),
        ("TopP", Some("topP?")),
        ("minTokenToKeep", Some("minTokensToKeep?")),
        ("repetition_penalty", Some("repetitionPenalty?")),
        ("xtc.propability", Some("xtc.probability?")),
        ("numberOfBeams", None),
        ("dry.breakers", None),
    ] {
        for error in [Options::new(9).set(name, number(1.0)).unwrap_err(), Options::new(9).unset(name).unwrap_err()] {
            assert_eq!((error.code, error.option.as_deref()), (ErrorCode::UnknownOption, Some(name)));
            let hint = error.message.split_once("did you mean ").map(|(_, hint)| hint);
            assert_eq!(hint, near, "{error}");
        }
    }
}

#[test]
fn a_wrong_generator_is_told_the_names_of_all() {
    let message = Options::new(VOCAB).set("generator", text("dice")).unwrap_err().to_string();
    for algorithm in Algorithm::ALL {
        assert!(message.contains(algorithm.name()), "{message}");
    }
}
