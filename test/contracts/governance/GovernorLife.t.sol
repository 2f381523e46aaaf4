// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {IDimoToken} from "../../../contracts/token/IDimoToken.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {EXCLUDED_VOTES} from "../../../contracts/governance/ExcludedVotes.sol";
import {GovernanceBase, Sink} from "../support/GovernanceBase.t.sol";

/// @title A proposal's way from proposing to execution, and everything that must not shorten or bend it.
contract GovernorLifeTest is GovernanceBase {
    function test_CarriesAProposal() public {
        uint256 id = carry(light(7));
        assertEq(sink.last(), 7, "executed");
        assertState(id, IGovernor.ProposalState.Executed, "state");
    }

    function test_TakesThirteenDays() public {
        uint256 start = block.timestamp;
        carry(light(7));
        assertEq(block.timestamp - start, 13 days + 1, "2 + 7 + 4 days and the second after the deadline");
    }

    // Majorities, at their edges and by fuzzing against the plain definition.

    function test_LevelOneNeedsMoreThanHalf() public {
        assertOutcome(light(1), 50 * M, 50 * M, 0, false, "half");
        assertOutcome(light(2), 50 * M + 1, 50 * M, 0, true, "one more");
    }

    function test_LevelTwoNeedsSixtyPercent() public {
        assertOutcome(medium(1), 60 * M, 40 * M, 0, true, "60");
        assertOutcome(medium(2), 60 * M - 1, 40 * M, 0, false, "below 60");
    }

    function test_LevelThreeNeedsSeventyPercent() public {
        assertOutcome(heavy(1), 70 * M, 30 * M, 0, true, "70");
        assertOutcome(heavy(2), 70 * M - 1, 30 * M, 0, false, "below 70");
    }

    function test_NobodyForNeverPasses() public {
        assertOutcome(medium(1), 0, 0, 50 * M, false, "abstentions alone");
    }

    // Quorum: 3, 5 and 10 % of the 200 M that circulate; abstentions count, votes against don't.

    function test_Quorums() public {
        assertOutcome(light(1), 6 * M - 1, 0, 0, false, "level 1 short");
        assertOutcome(light(2), 6 * M, 0, 0, true, "level 1");
        assertOutcome(medium(1), 10 * M - 1, 0, 0, false, "level 2 short");
        assertOutcome(medium(2), 10 * M, 0, 0, true, "level 2");
        assertOutcome(heavy(1), 20 * M - 1, 0, 0, false, "level 3 short");
        assertOutcome(heavy(2), 20 * M, 0, 0, true, "level 3");
        assertOutcome(heavy(3), 10 * M, 4 * M, 10 * M, true, "abstentions count");
        assertOutcome(heavy(4), 15 * M, 5 * M - 1, 0, false, "votes against don't");
    }

    function testFuzz_OutcomeIsTheDefinition(uint256 level, uint256 inFavour, uint256 against, uint256 abstain) public {
        level = bound(level, 1, 3);
        inFavour = bound(inFavour, 1, 40 * M);
        against = bound(against, 1, 30 * M);
        abstain = bound(abstain, 1, 30 * M);
        uint256 decided = inFavour + against;
        bool majority = level == 1 ? inFavour * 2 > decided : inFavour * 100 >= decided * (level == 2 ? 60 : 70);
        bool quorate =
            inFavour + abstain >=
                (
                    level == 1
                        ? 6 * M
                        : level == 2
                            ? 10 * M
                            : 20 * M
                );
        Dip memory dip =
            level == 1
                ? light(1)
                : level == 2
                    ? medium(1)
                    : heavy(1);
        assertOutcome(dip, inFavour, against, abstain, majority && quorate, "fuzz");
    }

    /// @dev Casts exactly these votes: Alice and the whale for, Bob against, Carol abstains.
    function assertOutcome(
        Dip memory dip,
        uint256 inFavour,
        uint256 against,
        uint256 abstain,
        bool passes,
        string memory what
    ) private {
        dip.text = string.concat(dip.text, what);
        uint256 id = propose(alice, dip);
        toVoting(id);
        uint256 byAlice = inFavour > 40 * M ? 40 * M : inFavour;
        castFraction(alice, id, 0, byAlice, 0);
        castFraction(whale, id, against > 30 * M ? against - 30 * M : 0, inFavour - byAlice, 0);
        castFraction(bob, id, against > 30 * M ? 30 * M : against, 0, 0);
        castFraction(carol, id, 0, 0, abstain > 30 * M ? 30 * M : abstain);
        castFraction(whale, id, 0, 0, abstain > 30 * M ? abstain - 30 * M : 0);
        toEnd(id);
        assertState(id, passes ? IGovernor.ProposalState.Succeeded : IGovernor.ProposalState.Defeated, what);
    }

    function castFraction(address voter, uint256 id, uint256 against, uint256 inFavour, uint256 abstain) private {
        if (against + inFavour + abstain == 0) return;
        vm.prank(voter);
        governor.castVoteWithReasonAndParams(
            id,
            255,
            "",
            abi.encodePacked(uint128(against), uint128(inFavour), uint128(abstain))
        );
    }

    // Votes are those of the snapshot.

    function test_MovedTokensDoNotVoteTwice() public {
        uint256 id = propose(alice, light(1));
        toVoting(id);
        vote(alice, id, 1);
        address mule = account("mule");
        vm.prank(mule);
        token.delegate(mule);
        vm.prank(alice);
        token.transfer(mule, 40 * M);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, mule));
        vote(mule, id, 1);
    }

    function test_BorrowedTokensDoNotVote() public {
        uint256 id = propose(alice, light(1));
        vm.warp(governor.proposalSnapshot(id) + 1);
        address borrower = account("borrower");
        vm.prank(borrower);
        token.delegate(borrower);
        vm.prank(whale);
        token.transfer(borrower, 100 * M);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, borrower));
        vote(borrower, id, 1);
    }

    function test_BorrowedTokensDoNotPropose() public {
        address borrower = account("borrower");
        vm.prank(borrower);
        token.delegate(borrower);
        vm.prank(whale);
        token.transfer(borrower, 100 * M);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, borrower, 0, 5 * M)
        );
        propose(borrower, light(1));
    }

    function test_QuorumIgnoresSupplyAfterTheSnapshot() public {
        uint256 id = propose(alice, heavy(1));
        toVoting(id);
        vm.prank(address(timelock));
        IDimoToken(address(token)).mint(bob, 1000 * M);
        vm.prank(whale);
        token.delegate(EXCLUDED_VOTES);
        vm.warp(block.timestamp + 1);
        assertEq(governor.proposalQuorum(id), 20 * M, "neither minted nor excluded votes count");
        assertEq(governor.circulatingSupply(block.timestamp - 1), 1100 * M, "for the next proposal they do");
    }

    function test_TheTreasuryIsNotPartOfTheQuorum() public view {
        assertEq(governor.circulatingSupply(block.timestamp - 1), 200 * M, "800 M don't circulate");
        assertEq(governor.quorum(block.timestamp - 1), 20 * M, "the general quorum is level 3's");
    }

    function test_LoweredTermsDoNotReviveAProposal() public {
        Dip memory dead = heavy(1);
        uint256 id = propose(bob, dead);
        toVoting(id);
        vote(carol, id, 0);
        vote(bob, id, 1);
        toEnd(id);
        assertState(id, IGovernor.ProposalState.Defeated, "half of level 3");
        carry(one(address(governor), abi.encodeCall(IGovernorLevels.setLevelTerms, (3, 5_000, 1)), "lower"));
        assertState(id, IGovernor.ProposalState.Defeated, "still");
        assertEq(governor.proposalTerms(id).majorityBps, 7_000, "frozen");
        uint256 next = propose(bob, heavy(2));
        assertEq(governor.proposalTerms(next).majorityBps, 5_000, "the next one has the new terms");
    }

    function test_TermsOutOfRangeAreRefused() public {
        assertTermsRefused(0, 5_000, 100);
        assertTermsRefused(4, 5_000, 100);
        assertTermsRefused(1, 4_999, 100);
        assertTermsRefused(1, 10_001, 100);
        assertTermsRefused(1, 5_000, 0);
        assertTermsRefused(1, 5_000, 10_001);
    }

    function assertTermsRefused(uint8 level, uint16 majorityBps, uint16 quorumBps) private {
        bytes memory data = abi.encodeCall(IGovernorLevels.setLevelTerms, (level, majorityBps, quorumBps));
        Dip memory dip = one(address(governor), data, string(data));
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.expectRevert(
            abi.encodeWithSelector(IGovernorLevels.GovernorInvalidLevelTerms.selector, level, majorityBps, quorumBps)
        );
        execute(dip);
    }

    // Nothing is executed early, or by another way.

    function test_NoExecutionBeforeEta() public {
        Dip memory dip = light(1);
        uint256 id = propose(alice, dip);
        vm.expectRevert();
        execute(dip);
        toVoting(id);
        vote(whale, id, 1);
        vm.expectRevert();
        execute(dip);
        toEnd(id);
        vm.expectRevert();
        execute(dip);
        queue(dip);
        vm.warp(governor.proposalEta(id) - 1);
        vm.expectRevert();
        execute(dip);
        vm.warp(governor.proposalEta(id));
        execute(dip);
        vm.expectRevert();
        execute(dip);
    }

    function test_NobodyElseUsesTheTimelock() public {
        Dip memory dip = light(1);
        carryToQueue(dip);
        bytes32 salt = bytes20(address(governor)) ^ keccak256(bytes(dip.text));
        vm.warp(block.timestamp + 4 days);
        bytes32 executor = timelock.EXECUTOR_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, whale, executor)
        );
        vm.prank(whale);
        timelock.executeBatch(dip.targets, dip.values, dip.calldatas, 0, salt);
        bytes32 proposer = timelock.PROPOSER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, whale, proposer)
        );
        vm.prank(whale);
        timelock.schedule(address(sink), 0, "", 0, 0, 4 days);
    }

    function test_GovernedContractsObeyTheTimelockAlone() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        treasury.spend(address(token), address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(governor)));
        vm.prank(address(governor));
        treasury.spend(address(token), address(this), 1);
    }

    function test_AChangedBatchIsAnotherProposal() public {
        Dip memory dip = light(1);
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        dip.calldatas[0] = abi.encodeCall(Sink.light, (2));
        vm.expectRevert();
        execute(dip);
        dip = light(1);
        dip.text = "another text";
        vm.expectRevert();
        execute(dip);
    }

    function test_FrontRunningIsPreventedByTheText() public {
        Dip memory dip = light(1);
        dip.text = string.concat("mine #proposer=", hexOf(alice));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorRestrictedProposer.selector, bob));
        propose(bob, dip);
        propose(alice, dip);
    }

    function hexOf(address subject) private pure returns (string memory) {
        bytes16 digits = "0123456789abcdef";
        bytes memory text = new bytes(42);
        text[0] = "0";
        text[1] = "x";
        for (uint256 i = 0; i < 40; ++i) text[41 - i] = digits[uint8(uint160(subject) >> (4 * i)) & 15];
        return string(text);
    }

    // Signatures.

    function test_AVoteSignatureCountsOnceAndHereOnly() public {
        uint256 key = 0xA11CE;
        address signer = vm.addr(key);
        vm.prank(whale);
        token.transfer(signer, 10 * M);
        vm.prank(signer);
        token.delegate(signer);
        vm.warp(block.timestamp + 1);
        uint256 id = propose(alice, light(1));
        toVoting(id);

        bytes memory elsewhere = ballot(key, id, signer, block.chainid + 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, signer));
        governor.castVoteBySig(id, 1, signer, elsewhere);

        bytes memory signature = ballot(key, id, signer, block.chainid);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, signer));
        governor.castVoteBySig(id, 0, signer, signature);
        governor.castVoteBySig(id, 1, signer, signature);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, signer));
        governor.castVoteBySig(id, 1, signer, signature);
    }

    function ballot(uint256 key, uint256 id, address voter, uint256 chainId) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("DimoGovernor"),
                keccak256("1"),
                chainId,
                address(governor)
            )
        );
        bytes32 content = keccak256(
            abi.encode(
                keccak256("Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)"),
                id,
                uint8(1),
                voter,
                governor.nonces(voter)
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, content)));
        return abi.encodePacked(r, s, v);
    }

    function test_TheTreasuryCannotVoteOrHandItsVotesOn() public {
        Dip memory dip = one(
            address(treasury),
            abi.encodeCall(ITreasury.execute, (address(token), 0, abi.encodeCall(token.delegate, (whale)))),
            "hand on"
        );
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryVotesDelegated.selector, whale));
        execute(dip);
        assertEq(token.getVotes(address(treasury)), 0, "no votes");
    }
}
