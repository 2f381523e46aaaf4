// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCodePin} from "../../../contracts/governance/GovernorCodePin.sol";
import {GovernorLateSwing} from "../../../contracts/governance/GovernorLateSwing.sol";
import {GovernorTermedGuardian} from "../../../contracts/governance/GovernorTermedGuardian.sol";
import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {TermedGuardian} from "../../../contracts/governance/TermedGuardian.sol";
import {IDimoGovernor, Sink} from "../support/GovernanceBase.t.sol";
import {StockBase, StockGovernor} from "../support/StockGovernor.t.sol";

/// @dev What a benign target turns into.
contract EvilSink {
    uint256 public last;

    fallback() external {
        last = 666;
    }
}

/// @title Attacks on when something is decided, and whether it is still what was decided.
contract GovernanceTimingAttacks is StockBase {
    function test_attack_whale_flip_five_seconds_before_the_end() public {
        uint256 naive = stockPropose(alice, light(1));
        uint256 id = propose(alice, light(1));
        toVoting(id);
        // the quorum is met long before the end, so the stock extension has nothing to say
        stockVote(alice, naive, 0);
        stockVote(bob, naive, 2);
        vote(alice, id, 0);
        vote(bob, id, 2);

        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline - 5);
        stockVote(whale, naive, 1);
        assertEq(stock.proposalDeadline(naive), deadline, "nobody has time to answer");
        uint64 extended = uint64(block.timestamp + 2 days);
        vm.expectEmit(address(governor));
        emit GovernorLateSwing.ProposalSwung(id, true, extended);
        vote(whale, id, 1);
        assertEq(governor.proposalDeadline(id), extended, "two days to answer");

        vm.warp(deadline + 1);
        assertStock(naive, IGovernor.ProposalState.Succeeded, "the stock vote is over");
        assertState(id, IGovernor.ProposalState.Active, "ours is not");
    }

    /// @dev A vote that nobody took part in is decided in its last seconds.
    function test_attack_late_quorum() public {
        StockGovernor plain = new StockGovernor(token, stockTimelock, guardian, 0);
        Dip memory dip = light(1);
        vm.prank(alice);
        uint256 naive = plain.propose(dip.targets, dip.values, dip.calldatas, dip.text);
        uint256 id = propose(alice, dip);
        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline);
        vm.prank(bob);
        plain.castVote(naive, 1);
        vote(bob, id, 1);

        vm.warp(deadline + 1);
        assertEq(uint256(plain.state(naive)), uint256(IGovernor.ProposalState.Succeeded), "decided by surprise");
        assertEq(governor.proposalDeadline(id), deadline + 2 days, "two days to answer");
        vote(alice, id, 0);
        toEnd(id);
        assertState(id, IGovernor.ProposalState.Defeated, "answered");
    }

    /// @dev Stock timelocks are often set up with an open executor: what the governor checks is then passed by.
    function test_attack_execution_by_another_path() public {
        stockTimelock.grantRole(stockTimelock.EXECUTOR_ROLE(), address(0));
        Dip memory dip = light(7);
        stockCarryToEta(whale, dip);
        vm.prank(account("anybody"));
        stockTimelock.executeBatch(dip.targets, dip.values, dip.calldatas, 0, saltOf(address(stock), dip));
        assertEq(sink.last(), 7, "executed behind the governor's back");

        dip = light(8);
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        bytes32 salt = saltOf(address(governor), dip);
        refuseRole(timelock.EXECUTOR_ROLE());
        timelock.executeBatch(dip.targets, dip.values, dip.calldatas, 0, salt);
        refuseRole(timelock.EXECUTOR_ROLE());
        timelock.execute(dip.targets[0], 0, dip.calldatas[0], 0, salt);
        assertEq(sink.last(), 7, "nothing happened");
    }

    function test_attack_execution_before_eta_by_any_path() public {
        Dip memory dip = light(7);
        uint256 id = propose(alice, dip);
        refuseExecution(dip, id, IGovernor.ProposalState.Pending);
        toVoting(id);
        vote(whale, id, 1);
        refuseExecution(dip, id, IGovernor.ProposalState.Active);
        toEnd(id);
        refuseExecution(dip, id, IGovernor.ProposalState.Succeeded);
        queue(dip);
        vm.warp(governor.proposalEta(id) - 1);
        bytes32 operation = timelock.hashOperationBatch(
            dip.targets,
            dip.values,
            dip.calldatas,
            0,
            saltOf(address(governor), dip)
        );
        vm.expectRevert(
            abi.encodeWithSelector(
                TimelockController.TimelockUnexpectedOperationState.selector,
                operation,
                bytes32(uint256(1) << uint8(TimelockController.OperationState.Ready))
            )
        );
        execute(dip);

        // past the governor: straight into the timelock, the manager, the treasury
        refuseRole(timelock.PROPOSER_ROLE());
        timelock.schedule(address(sink), 0, dip.calldatas[0], 0, 0, 4 days);
        refuseRole(timelock.PROPOSER_ROLE());
        timelock.scheduleBatch(dip.targets, dip.values, dip.calldatas, 0, 0, 4 days);
        vm.expectRevert(abi.encodeWithSelector(TimelockController.TimelockUnauthorizedCaller.selector, whale));
        vm.prank(whale);
        timelock.updateDelay(0);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, whale));
        vm.prank(whale);
        governor.relay(address(timelock), 0, "");
        bytes memory spend = pay(whale, M);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedCall.selector,
                whale,
                address(treasury),
                bytes4(spend)
            )
        );
        vm.prank(whale);
        manager.execute(address(treasury), spend);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, whale));
        vm.prank(whale);
        treasury.spend(address(token), whale, M);

        vm.warp(governor.proposalEta(id));
        execute(dip);
        assertEq(sink.last(), 7, "on the second");
        refuseExecution(dip, id, IGovernor.ProposalState.Executed);
    }

    function refuseExecution(Dip memory dip, uint256 id, IGovernor.ProposalState current) private {
        bytes32 queued = bytes32(uint256(1) << uint8(IGovernor.ProposalState.Queued));
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorUnexpectedProposalState.selector, id, current, queued)
        );
        execute(dip);
    }

    function refuseRole(bytes32 role) private {
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, whale, role));
        vm.prank(whale);
    }

    function saltOf(address from, Dip memory dip) private pure returns (bytes32) {
        return bytes20(from) ^ keccak256(bytes(dip.text));
    }

    function test_attack_stale_execution() public {
        Dip memory dip = light(7);
        uint256 naive = stockCarryToEta(whale, dip);
        uint256 id = carryToQueue(light(8));
        uint256 eta = governor.proposalEta(id);
        vm.warp(block.timestamp + 3 * 365 days);
        stockExecute(dip);
        assertStock(naive, IGovernor.ProposalState.Executed, "three years later");
        assertEq(sink.last(), 7, "a decision of other times");

        refuseExecution(light(8), id, IGovernor.ProposalState.Expired);
        vm.warp(eta + 14 days + 1);
        refuseExecution(light(8), id, IGovernor.ProposalState.Expired);
        vm.warp(eta + 14 days);
        execute(light(8));
        assertEq(sink.last(), 8, "two weeks");
    }

    function test_attack_metamorphic_target() public {
        Dip memory dip = light(7);
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        stockCarryToEta(whale, dip);

        bytes memory benign = address(sink).code;
        vm.etch(address(sink), address(new EvilSink()).code);
        stockExecute(dip);
        assertEq(sink.last(), 666, "not what was voted on");

        bytes24 pinned = pinOf(benign);
        bytes24 found = pinOf(address(sink).code);
        bytes memory reason = abi.encodeWithSelector(
            GovernorCodePin.GovernorTargetCodeChanged.selector,
            id,
            pinned,
            found
        );
        vm.expectRevert(reason);
        execute(dip);
        vm.etch(address(sink), benign);
        execute(dip);
        assertEq(sink.last(), 7, "what was voted on");
    }

    /// @dev An address that will be a contract only after the vote, and whose code nobody has seen.
    function test_attack_target_that_does_not_exist_yet() public {
        address later = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        Dip memory dip = one(later, abi.encodeCall(Sink.light, (1)), "trust me");
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        EvilSink evil = new EvilSink();
        assertEq(address(evil), later, "there it is");
        vm.expectRevert(
            abi.encodeWithSelector(GovernorCodePin.GovernorTargetCodeChanged.selector, id, pinOf(""), pinOf(later.code))
        );
        execute(dip);
    }

    function pinOf(bytes memory code) private pure returns (bytes24) {
        return bytes24(keccak256(abi.encodePacked(keccak256(code))));
    }

    function test_attack_lowered_quorum_reviving_a_dead_proposal() public {
        address small = account("small");
        vm.prank(whale);
        token.transfer(small, 5 * M);
        vm.prank(small);
        token.delegate(small);
        vm.warp(block.timestamp + 1);

        uint256 naive = stockPropose(small, heavy(1));
        uint256 id = propose(small, heavy(1));
        toVoting(id);
        stockVote(small, naive, 1);
        vote(small, id, 1);
        toEnd(id);
        assertStock(naive, IGovernor.ProposalState.Defeated, "5 M of 6 M");
        assertState(id, IGovernor.ProposalState.Defeated, "5 M of 20 M");

        Dip memory lower = one(address(stock), abi.encodeCall(stock.setVotesNeeded, (5 * M)), "lower");
        stockCarryToEta(whale, lower);
        stockExecute(lower);
        assertStock(naive, IGovernor.ProposalState.Succeeded, "it lives");

        lower = one(address(governor), abi.encodeCall(IGovernorLevels.setLevelTerms, (3, 5_000, 1)), "lower");
        carry(lower);
        assertState(id, IGovernor.ProposalState.Defeated, "ours stays dead");
        assertEq(governor.proposalQuorum(id), 20 * M, "by its own terms");
    }

    /// @dev Who sees a proposal before it is mined proposes the same, and cancels it: that id is then used up.
    function test_attack_front_run_and_cancel() public {
        Dip memory dip = light(7);
        uint256 id = stockPropose(bob, dip);
        vm.prank(bob);
        stock.cancel(dip.targets, dip.values, dip.calldatas, keccak256(bytes(dip.text)));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorUnexpectedProposalState.selector,
                id,
                IGovernor.ProposalState.Canceled,
                bytes32(0)
            )
        );
        stockPropose(alice, dip);

        dip.text = string.concat("light #proposer=", hexOf(alice));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorRestrictedProposer.selector, bob));
        propose(bob, dip);
        id = propose(alice, dip);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, bob));
        cancel(bob, dip);
    }

    function hexOf(address subject) private pure returns (string memory) {
        bytes16 digits = "0123456789abcdef";
        bytes memory text = new bytes(42);
        (text[0], text[1]) = ("0", "x");
        for (uint256 i = 0; i < 40; ++i) text[41 - i] = digits[uint8(uint160(subject) >> (4 * i)) & 15];
        return string(text);
    }

    /**
     * @dev Through the contract that is the guardian everywhere. It can cancel the taking of its AccessManager role, but
     * not its removal from the governor, after which it cancels nothing.
     */
    function test_attack_guardian_veto_of_its_own_removal() public {
        Dip memory remove = one(address(stock), abi.encodeCall(stock.setProposalGuardian, (address(0))), "remove");
        uint256 id = stockPropose(alice, remove);
        vm.prank(guardian);
        stock.cancel(remove.targets, remove.values, remove.calldatas, keccak256(bytes(remove.text)));
        assertStock(id, IGovernor.ProposalState.Canceled, "the stock guardian stays for ever");

        TermedGuardian termed = new TermedGuardian(guardian, 365 days);
        carry(one(address(governor), abi.encodeCall(IDimoGovernor.setProposalGuardian, (address(termed))), "termed"));
        vm.prank(address(timelock));
        manager.grantRole(1, address(termed), 0);

        remove = one(address(governor), abi.encodeCall(IDimoGovernor.setProposalGuardian, (address(0))), "remove");
        id = carryToQueue(remove);
        veto(termed, remove, abi.encodeWithSelector(GovernorTermedGuardian.GovernorGuardianReplacement.selector, id));
        vm.warp(governor.proposalEta(id));
        execute(remove);
        remove = one(address(manager), abi.encodeCall(AccessManager.revokeRole, (1, address(termed))), "role");
        id = carryToQueue(remove);
        veto(termed, remove, abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, address(termed)));
        vm.warp(governor.proposalEta(id));
        execute(remove);
        (bool held, ) = manager.hasRole(1, address(termed));
        assertTrue(!held, "gone from everywhere");
    }

    function veto(TermedGuardian termed, Dip memory dip, bytes memory reason) private {
        bytes memory call = abi.encodeCall(
            IGovernor.cancel,
            (dip.targets, dip.values, dip.calldatas, keccak256(bytes(dip.text)))
        );
        vm.expectRevert(reason);
        vm.prank(guardian);
        termed.forward(address(governor), call);
    }
}
