// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Panic} from "@openzeppelin/contracts/utils/Panic.sol";
import {GovernorLateSwing} from "../../../contracts/governance/GovernorLateSwing.sol";
import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {GovernanceBase, Sink} from "../support/GovernanceBase.t.sol";

interface IGovernorConstants {
    function EXPIRY() external view returns (uint256);
    function GUARDIAN_TERM() external view returns (uint48);
    function LEVEL_2_SPEND() external view returns (uint256);
    function LEVEL_2_SPEND_MAX() external view returns (uint256);
    function SPEND_WINDOW() external view returns (uint48);
    function SWINGS_MAX() external view returns (uint8);
    function SWING_EXTENSION() external view returns (uint48);
    function lateQuorumVoteExtension() external view returns (uint48);
    function token() external view returns (address);
}

/// @title The governor's figures, events and the values at the edge of each condition.
contract GovernorEdgesTest is GovernanceBase {
    function test_the_figures_are_the_plan_s() public view {
        IGovernorConstants figures = IGovernorConstants(address(governor));
        assertEq(governor.votingDelay(), 2 days, "delay");
        assertEq(governor.votingPeriod(), 7 days, "period");
        assertEq(governor.proposalThreshold(), 5 * M, "threshold");
        assertEq(figures.lateQuorumVoteExtension(), 2 days, "late quorum");
        assertEq(figures.SWING_EXTENSION(), 2 days, "late swing");
        assertEq(figures.SWINGS_MAX(), 3, "swings");
        assertEq(figures.EXPIRY(), 14 days, "expiry");
        assertEq(figures.SPEND_WINDOW(), 30 days, "window");
        assertEq(figures.GUARDIAN_TERM(), 365 days, "guardian");
        assertEq(figures.LEVEL_2_SPEND(), 5 * M, "from here on level 2");
        assertEq(figures.LEVEL_2_SPEND_MAX(), 15 * M, "beyond it level 3");
        assertEq(figures.token(), address(token), "token");
        assertEq(governor.timelock(), address(timelock), "timelock");
        assertTerms(1, 5_000, 300);
        assertTerms(2, 6_000, 500);
        assertTerms(3, 7_000, 1_000);
        assertTerms(4, 0, 0);
    }

    function assertTerms(uint8 level, uint16 majorityBps, uint16 quorumBps) private view {
        assertEq(governor.levelTerms(level).majorityBps, majorityBps, "majority");
        assertEq(governor.levelTerms(level).quorumBps, quorumBps, "quorum");
    }

    function test_the_table_of_rules_is_read_back() public view {
        IGovernorLevels.ActionRule memory rule = governor.actionRule(address(treasury), ITreasury.spend.selector);
        assertEq(uint256(rule.kind), uint256(IGovernorLevels.ActionKind.Spend), "kind");
        assertEq(rule.words, 3, "words");
        assertEq(rule.amountWord, 2, "amount");
        assertEq(rule.tokenWord, 0, "token");
        rule = governor.actionRule(address(token), IERC20.transfer.selector);
        assertEq(rule.tokenWord, 255, "the target itself");
        rule = governor.actionRule(address(sink), Sink.heavy.selector);
        assertEq(uint256(rule.kind), 0, "unlisted");
    }

    // Events.

    function test_a_proposal_s_level_is_told() public {
        Dip memory dip = and(light(1), address(treasury), pay(bob, 6 * M));
        bytes32 text = keccak256(bytes(dip.text));
        uint256 id = uint256(keccak256(abi.encode(dip.targets, dip.values, dip.calldatas, text)));
        vm.expectEmit(address(governor));
        emit IGovernorLevels.ProposalLevel(id, 2, IGovernorLevels.LevelReason.SpendTotal, 1, 6_000, 500, 6 * M);
        propose(alice, dip);
        IGovernorLevels.ProposalTerms memory terms = governor.proposalTerms(id);
        assertEq(terms.level, 2, "level");
        assertEq(terms.actionIndex, 1, "index");
        assertEq(uint256(terms.reason), uint256(IGovernorLevels.LevelReason.SpendTotal), "reason");
        assertEq(terms.quorumBps, 500, "quorum");
        assertEq(governor.spendInWindow(), 6 * M, "recorded");
    }

    function test_set_terms_and_rules_are_told() public {
        IGovernorLevels.ActionRuleEntry[] memory rules = new IGovernorLevels.ActionRuleEntry[](1);
        rules[0] = _rule(address(sink), Sink.heavy.selector, IGovernorLevels.ActionKind.Spend, 2, 1, 0);
        Dip memory dip = one(address(governor), abi.encodeCall(IGovernorLevels.setActionRules, (rules)), "both");
        dip = and(dip, address(governor), abi.encodeCall(IGovernorLevels.setLevelTerms, (3, 10_000, 10_000)));
        dip = and(dip, address(governor), abi.encodeCall(IGovernorLevels.setLevelTerms, (1, 5_000, 1)));
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.expectEmit(address(governor));
        emit IGovernorLevels.ActionRuleSet(address(sink), Sink.heavy.selector, rules[0].rule);
        vm.expectEmit(address(governor));
        emit IGovernorLevels.LevelTermsSet(3, 10_000, 10_000);
        vm.expectEmit(address(governor));
        emit IGovernorLevels.LevelTermsSet(1, 5_000, 1);
        execute(dip);
        assertTerms(3, 10_000, 10_000);
        assertTerms(1, 5_000, 1);
    }

    // Rules that could not be read.

    function test_a_spend_rule_names_words_that_are_there() public {
        refuseSpendRule(2, 2, 0);
        refuseSpendRule(2, 1, 2);
        refuseSpendRule(0, 0, 255);
        refuseSpendRule(2, 1, 254);
        acceptSpendRule(2, 1, 255);
        acceptSpendRule(2, 0, 1);
        acceptSpendRule(1, 0, 0);
    }

    function refuseSpendRule(uint8 words, uint8 amountWord, uint8 tokenWord) private {
        Dip memory dip = spendRule(words, amountWord, tokenWord);
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernorLevels.GovernorInvalidActionRule.selector,
                address(sink),
                Sink.heavy.selector
            )
        );
        execute(dip);
    }

    function acceptSpendRule(uint8 words, uint8 amountWord, uint8 tokenWord) private {
        carry(spendRule(words, amountWord, tokenWord));
        assertEq(governor.actionRule(address(sink), Sink.heavy.selector).words, words, "set");
    }

    function spendRule(uint8 words, uint8 amountWord, uint8 tokenWord) private view returns (Dip memory) {
        IGovernorLevels.ActionRuleEntry[] memory rules = new IGovernorLevels.ActionRuleEntry[](1);
        rules[0] = _rule(
            address(sink),
            Sink.heavy.selector,
            IGovernorLevels.ActionKind.Spend,
            words,
            amountWord,
            tokenWord
        );
        bytes memory data = abi.encodeCall(IGovernorLevels.setActionRules, (rules));
        return one(address(governor), data, string(data));
    }

    /// @dev A transfer of another contract's tokens is foreign, wherever the token is named.
    function test_a_target_that_is_its_own_token_must_be_the_token() public {
        acceptSpendRule(1, 0, 255);
        assertLevel(heavy(1), 3, IGovernorLevels.LevelReason.ForeignToken, "not the token");
    }

    // The last two days.

    function test_a_swing_counts_from_the_second_after_two_days_before_the_end() public {
        assertSwing(0, false);
        assertSwing(1, true);
    }

    function assertSwing(uint256 late, bool moves) private {
        uint256 id = propose(alice, light(late));
        uint256 deadline = governor.proposalDeadline(id);
        toVoting(id);
        vote(alice, id, 0);
        vm.warp(deadline - 2 days + late);
        vote(whale, id, 1);
        assertEq(governor.proposalDeadline(id), moves ? deadline + late : deadline, "deadline");
        toEnd(id);
    }

    /// @dev A turn from passing to failing is one too; the fourth no longer counts.
    function test_swings_are_told_and_end_after_three() public {
        uint256 id = propose(bob, light(1));
        toVoting(id);
        vote(alice, id, 1);
        fractions(whale, id, 0, 0, 1);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 deadline = governor.proposalDeadline(id);
            vm.warp(deadline);
            vm.expectEmit(address(governor));
            emit GovernorLateSwing.ProposalSwung(id, i == 1, uint64(deadline + 2 days));
            swing(id, i);
            assertEq(governor.proposalDeadline(id), deadline + 2 days, "moved");
        }
        uint256 last = governor.proposalDeadline(id);
        vm.warp(last);
        swing(id, 3);
        assertEq(governor.proposalDeadline(id), last, "the fourth doesn't move it");
    }

    /// @dev 40 M for; the whale votes 40 M against, then 1 more for, against, for.
    function swing(uint256 id, uint256 i) private {
        if (i == 0) fractions(whale, id, 40 * M, 0, 0);
        else if (i % 2 == 1) fractions(whale, id, 0, 1, 0);
        else fractions(whale, id, 1, 0, 0);
    }

    function fractions(address voter, uint256 id, uint256 against, uint256 inFavour, uint256 abstain) private {
        bytes memory params = abi.encodePacked(uint128(against), uint128(inFavour), uint128(abstain));
        vm.prank(voter);
        governor.castVoteWithReasonAndParams(id, 255, "", params);
    }

    // A queued proposal isn't counted again.

    function test_what_was_queued_stays_passed() public {
        Dip memory dip = heavy(3);
        uint256 id = carryToQueue(dip);
        // not even if the token forgot everything
        vm.etch(address(token), hex"00");
        assertState(id, IGovernor.ProposalState.Queued, "queued");
        vm.warp(governor.proposalEta(id));
        execute(dip);
        assertEq(sink.last(), 3, "executed");
    }

    /// @dev A signature with the nonce of its proposal doesn't wait for others; used once, it is used up.
    function test_a_signed_fraction_counts_once() public {
        uint256 key = 0xA11CE;
        address signer = vm.addr(key);
        vm.prank(whale);
        token.transfer(signer, 10 * M);
        vm.prank(signer);
        token.delegate(signer);
        vm.warp(block.timestamp + 1);
        uint256 id = propose(alice, light(1));
        toVoting(id);
        bytes memory params = abi.encodePacked(uint128(1 * M), uint128(2 * M), uint128(0));
        bytes memory signature = signedFraction(key, id, signer, params);

        governor.castVoteWithReasonAndParamsBySig(id, 255, signer, "why", params, signature);
        (uint256 against, uint256 inFavour, uint256 abstain) = governor.proposalVotes(id);
        assertEq(against, 1 * M, "against");
        assertEq(inFavour, 2 * M, "for");
        assertEq(abstain, 0, "abstain");
        assertEq(governor.usedVotes(id, signer), 3 * M, "7 M are left");
        assertEq(governor.nonces(signer), 0, "the other nonce is untouched");
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, signer));
        governor.castVoteWithReasonAndParamsBySig(id, 255, signer, "why", params, signature);
    }

    function signedFraction(
        uint256 key,
        uint256 id,
        address voter,
        bytes memory params
    ) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("DimoGovernor"),
                keccak256("1"),
                block.chainid,
                address(governor)
            )
        );
        bytes32 content = keccak256(
            abi.encode(
                keccak256(
                    "ExtendedBallot(uint256 proposalId,uint8 support,address voter,uint256 nonce,string reason,bytes params)"
                ),
                id,
                uint8(255),
                voter,
                uint256(uint192(id)) << 64,
                keccak256("why"),
                keccak256(params)
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, content)));
        return abi.encodePacked(r, s, v);
    }

    // The way in.

    function test_the_governor_is_changed_through_itself_alone() public {
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, alice));
        vm.prank(alice);
        governor.setLevelTerms(1, 5_000, 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, alice));
        vm.prank(alice);
        governor.setActionRules(new IGovernorLevels.ActionRuleEntry[](0));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, guardian));
        vm.prank(guardian);
        governor.setProposalGuardian(guardian);
        // the timelock, too, only with a call that a proposal named
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", Panic.EMPTY_ARRAY_POP));
        vm.prank(address(timelock));
        governor.setLevelTerms(1, 5_000, 1);
    }

    function test_levels_are_asked_of_whole_actions_only() public {
        uneven(0, 0, 0);
        uneven(1, 2, 1);
        uneven(1, 1, 2);
    }

    function uneven(uint256 targets, uint256 values, uint256 calldatas) private {
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInvalidProposalLength.selector, targets, calldatas, values)
        );
        governor.levelOf(new address[](targets), new uint256[](values), new bytes[](calldatas));
    }
}
