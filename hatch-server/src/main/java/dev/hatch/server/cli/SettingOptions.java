package dev.hatch.server.cli;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParseResult;

/**
 * Gives a command an option for each setting, and a help that has them under headings. They are texts without a default:
 * whether one was given, and what it is, is for {@link Settings} to say, which knows of the file and the variables as well.
 * Headings are not picocli's groups, for in a group an option may be given twice.
 */
final class SettingOptions {
    private SettingOptions() {}

    static void addTo(CommandLine command) {
        Map<Setting, OptionSpec> options = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            options.put(setting, option(setting));
        }
        options.values().forEach(command.getCommandSpec()::addOption);
        command.getHelpSectionMap()
                .put(
                        UsageMessageSpec.SECTION_KEY_OPTION_LIST,
                        help -> list(help, others(help, options.values()))
                                + Arrays.stream(Setting.Topic.values())
                                        .map(topic -> help.createHeading("%n" + topic.heading + ":%n")
                                                + list(help, about(topic, options)))
                                        .collect(Collectors.joining()));
    }

    private static OptionSpec option(Setting setting) {
        return OptionSpec.builder(setting.flag())
                .type(String.class)
                .arity(setting.isYesOrNo() ? "0..1" : "1")
                .fallbackValue("true")
                .paramLabel(setting.label)
                .description(setting.meaning + " Default: " + setting.byDefault)
                .build();
    }

    private static List<OptionSpec> others(Help help, Collection<OptionSpec> settings) {
        return help.commandSpec().options().stream()
                .filter(option -> !settings.contains(option))
                .toList();
    }

    private static List<OptionSpec> about(Setting.Topic topic, Map<Setting, OptionSpec> options) {
        return options.entrySet().stream()
                .filter(option -> option.getKey().topic == topic)
                .map(Map.Entry::getValue)
                .toList();
    }

    private static String list(Help help, List<OptionSpec> options) {
        return help.optionListExcludingGroups(options, help.createDefaultLayout(), null, help.parameterLabelRenderer());
    }

    /** The texts of those that were given. */
    static Map<Setting, String> given(ParseResult result) {
        Map<Setting, String> given = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            if (result.hasMatchedOption(setting.flag())) {
                given.put(setting, result.matchedOptionValue(setting.flag(), ""));
            }
        }
        return given;
    }
}
